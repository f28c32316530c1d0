// One thread an element. Op: core/src/ops/gatherRows.ts
struct Params { N: u32, D: u32, M: u32 }
override WG: u32 = 64;

@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read> x: array<f32>;        // [N, D]
@group(0) @binding(2) var<storage, read> rows: array<u32>;     // [M]
@group(0) @binding(3) var<storage, read> starts: array<u32>;   // [N + 1]
@group(0) @binding(4) var<storage, read_write> y: array<f32>;  // [M, D]
@group(0) @binding(5) var<storage, read> dY: array<f32>;       // [M, D]
@group(0) @binding(6) var<storage, read_write> dX: array<f32>; // [N, D]

@compute @workgroup_size(WG)
fn forward(
  @builtin(workgroup_id) wg: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) t: u32,
) {
  let i = (wg.x + wg.y * groups.x) * WG + t;
  if (i < p.M * p.D) { y[i] = x[rows[i / p.D] * p.D + i % p.D]; }
}

@compute @workgroup_size(WG)
fn backward(
  @builtin(workgroup_id) wg: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) t: u32,
) {
  let i = (wg.x + wg.y * groups.x) * WG + t;
  if (i >= p.N * p.D) { return; }
  let n = i / p.D;
  var sum = 0.0;
  for (var m = starts[n]; m < starts[n + 1]; m++) { sum += dY[m * p.D + i % p.D]; }
  dX[i] = sum;
}
