// One thread a column; rows in order, so the sum is the same on every run. Op: core/src/ops/columnSum.ts
struct Params { N: u32, D: u32 }
override WG: u32 = 64;

@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read> x: array<f32>;       // [N, D]
@group(0) @binding(2) var<storage, read_write> y: array<f32>; // [D]

@compute @workgroup_size(WG)
fn forward(@builtin(global_invocation_id) id: vec3u) {
  let d = id.x;
  if (d >= p.D) { return; }
  var sum = 0.0;
  for (var n = 0u; n < p.N; n++) { sum += x[n * p.D + d]; }
  y[d] = sum;
}
