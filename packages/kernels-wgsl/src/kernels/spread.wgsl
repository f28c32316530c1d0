// One thread an element of x: read once, written R times. Op: core/src/ops/spread.ts
struct Params { R: u32, N: u32, D: u32 }
override WG: u32 = 64;

@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read> x: array<f32>;       // [N, D]
@group(0) @binding(2) var<storage, read_write> y: array<f32>; // [R, N, D]

@compute @workgroup_size(WG)
fn forward(
  @builtin(workgroup_id) wg: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) t: u32,
) {
  let i = (wg.x + wg.y * groups.x) * WG + t;
  let size = p.N * p.D;
  if (i >= size) { return; }
  let value = x[i];
  for (var r = 0u; r < p.R; r++) { y[r * size + i] = value; }
}
