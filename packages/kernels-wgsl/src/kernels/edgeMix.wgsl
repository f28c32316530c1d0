// A thread has 4 reads × 4 positions of one [N · D] row (its columns lie WG apart): each delta is loaded once for 4 reads.
// Reads and columns past the end compute what the last one does and write nothing. Op: core/src/ops/edgeMix.ts
struct Params { R: u32, N: u32, D: u32, S: u32, I: u32, s0: u32 }
override WG: u32 = 64;

@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read_write> x: array<f32>;  // [R, N, D]
@group(0) @binding(2) var<storage, read> delta: array<f32>;    // [S, N, D]
@group(0) @binding(3) var<storage, read> cut: array<f32>;      // [R, I]

@compute @workgroup_size(WG)
fn forward(
  @builtin(workgroup_id) wg: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) t: u32,
) {
  let size = p.N * p.D;
  let tiles = (p.R + 3) / 4;
  let tile = wg.x + wg.y * groups.x;
  let r0 = (tile % tiles) * 4;
  let i0 = (tile / tiles) * 4 * WG + t;
  if (i0 >= size) { return; }
  let at = min(vec4u(i0, i0 + WG, i0 + 2 * WG, i0 + 3 * WG), vec4u(size - 1));
  let row = min(vec4u(r0, r0 + 1, r0 + 2, r0 + 3), vec4u(p.R - 1)) * p.I + p.s0;
  var taken = mat4x4f(); // one column a read
  for (var s = 0u; s < p.S; s++) {
    let k = s * size;
    let change = vec4f(delta[k + at.x], delta[k + at.y], delta[k + at.z], delta[k + at.w]);
    taken[0] += cut[row.x + s] * change;
    taken[1] += cut[row.y + s] * change;
    taken[2] += cut[row.z + s] * change;
    taken[3] += cut[row.w + s] * change;
  }
  for (var j = 0u; j < 4u; j++) {
    for (var c = 0u; c < 4u; c++) {
      let i = i0 + c * WG;
      if (r0 + j < p.R && i < size) { x[(r0 + j) * size + i] -= taken[j][c]; }
    }
  }
}
