// One thread an element of x. Op: core/src/ops/putRows.ts
struct Params { N: u32, V: u32, D: u32 }
override WG: u32 = 64;

@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read> rows: array<u32>;       // [N]
@group(0) @binding(2) var<storage, read> x: array<f32>;          // [N, D]
@group(0) @binding(3) var<storage, read_write> into: array<f32>; // [V, D]

@compute @workgroup_size(WG)
fn forward(
  @builtin(workgroup_id) wg: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) t: u32,
) {
  let i = (wg.x + wg.y * groups.x) * WG + t;
  if (i >= p.N * p.D) { return; }
  let row = rows[i / p.D];
  if (row < p.V) { into[row * p.D + i % p.D] = x[i]; }
}
