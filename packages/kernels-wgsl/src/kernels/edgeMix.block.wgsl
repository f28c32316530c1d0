// A thread has 4 reads × 4 neighbouring positions of one [N · D] row, in registers written out: SwiftShader keeps arrays in
// memory. Reads past the end compute what the last one does and write nothing. Op: core/src/ops/edgeMix.ts
struct Params { R: u32, N: u32, D: u32, S: u32, I: u32, s0: u32 }
override WG: u32 = 16;

@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read_write> x: array<vec4f>;  // [R, N, D / 4]
@group(0) @binding(2) var<storage, read> delta: array<vec4f>;    // [S, N, D / 4]
@group(0) @binding(3) var<storage, read> cut: array<f32>;        // [R, I]

@compute @workgroup_size(WG)
fn forward(
  @builtin(workgroup_id) wg: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) t: u32,
) {
  let size = p.N * (p.D / 4);
  let tiles = (p.R + 3) / 4;
  let tile = wg.x + wg.y * groups.x;
  let r0 = (tile % tiles) * 4;
  let i = (tile / tiles) * WG + t;
  if (i >= size) { return; }
  let row = min(vec4u(r0, r0 + 1, r0 + 2, r0 + 3), vec4u(p.R - 1)) * p.I + p.s0;
  var taken0 = vec4f();
  var taken1 = vec4f();
  var taken2 = vec4f();
  var taken3 = vec4f();
  for (var s = 0u; s < p.S; s++) {
    let change = delta[s * size + i];
    taken0 += cut[row.x + s] * change;
    taken1 += cut[row.y + s] * change;
    taken2 += cut[row.z + s] * change;
    taken3 += cut[row.w + s] * change;
  }
  let at = r0 * size + i;
  x[at] -= taken0;
  if (r0 + 1 < p.R) { x[at + size] -= taken1; }
  if (r0 + 2 < p.R) { x[at + 2 * size] -= taken2; }
  if (r0 + 3 < p.R) { x[at + 3 * size] -= taken3; }
}
