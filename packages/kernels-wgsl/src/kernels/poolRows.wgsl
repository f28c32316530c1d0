// One thread an output; rows in order. Op: core/src/ops/poolRows.ts
struct Params { S: u32, M: u32, D: u32, B: u32 }
override WG: u32 = 64;

@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read> x: array<f32>;       // [S, M, D]
@group(0) @binding(2) var<storage, read> weight: array<f32>;  // [M]
@group(0) @binding(3) var<storage, read> starts: array<u32>;  // [B + 1]
@group(0) @binding(4) var<storage, read_write> y: array<f32>; // [S, B, D]

@compute @workgroup_size(WG)
fn forward(
  @builtin(workgroup_id) wg: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) t: u32,
) {
  let i = (wg.x + wg.y * groups.x) * WG + t;
  if (i >= p.S * p.B * p.D) { return; }
  let d = i % p.D;
  let b = (i / p.D) % p.B;
  let s = i / (p.D * p.B);
  let end = starts[b + 1];
  var sum = 0.0;
  for (var m = starts[b]; m < end; m++) { sum += weight[m] * x[(s * p.M + m) * p.D + d]; }
  y[i] = sum;
}
