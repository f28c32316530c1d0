// One thread all G sources of one (m, d). Op: core/src/ops/stackSources.ts
struct Params { G: u32, M: u32, D: u32, S: u32, s0: u32 }
override WG: u32 = 64;

@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read> x: array<f32>;          // [G, M, D]
@group(0) @binding(2) var<storage, read_write> into: array<f32>; // [M, S, D]

@compute @workgroup_size(WG)
fn forward(
  @builtin(workgroup_id) wg: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) t: u32,
) {
  let i = (wg.x + wg.y * groups.x) * WG + t;
  let size = p.M * p.D;
  if (i >= size) { return; }
  let to = (i / p.D * p.S + p.s0) * p.D + i % p.D;
  for (var g = 0u; g < p.G; g++) { into[to + g * p.D] = x[g * size + i]; }
}
