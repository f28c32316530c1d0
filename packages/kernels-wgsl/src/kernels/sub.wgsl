// One thread an element. Op: core/src/ops/sub.ts
struct Params { N: u32 }
override WG: u32 = 64;

@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read> a: array<f32>;       // [N]
@group(0) @binding(2) var<storage, read> b: array<f32>;       // [N]
@group(0) @binding(3) var<storage, read_write> y: array<f32>; // [N]

@compute @workgroup_size(WG)
fn forward(
  @builtin(workgroup_id) wg: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) t: u32,
) {
  let i = (wg.x + wg.y * groups.x) * WG + t;
  if (i < p.N) { y[i] = a[i] - b[i]; }
}
