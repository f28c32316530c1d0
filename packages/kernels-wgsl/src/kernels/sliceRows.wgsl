// One thread an element. Op: core/src/ops/sliceRows.ts
struct Params { M: u32, D: u32, n0: u32 }
override WG: u32 = 64;

@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read> x: array<f32>;       // [N, D]
@group(0) @binding(2) var<storage, read_write> y: array<f32>; // [M, D]

@compute @workgroup_size(WG)
fn forward(
  @builtin(workgroup_id) wg: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) t: u32,
) {
  let i = (wg.x + wg.y * groups.x) * WG + t;
  if (i < p.M * p.D) { y[i] = x[p.n0 * p.D + i]; }
}
