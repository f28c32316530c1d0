// One subgroup of 8 lanes 8 reads × 256 positions of one [N · D] row, 32 at a time. A lane loads the cuts of one read and
// keeps four positions; the cuts of all 8 reads are shuffled through it, no barrier. Reads and positions past the end
// compute what the last one does and write nothing. Op: core/src/ops/edgeMix.ts
enable subgroups;

struct Params { R: u32, N: u32, D: u32, S: u32, I: u32, s0: u32 }

@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read_write> x: array<vec4f>; // [R, N, D / 4]
@group(0) @binding(2) var<storage, read> delta: array<vec4f>;   // [S, N, D / 4]
@group(0) @binding(3) var<storage, read> cut: array<f32>;       // [R, I]

@compute @workgroup_size(8)
fn forward(
  @builtin(workgroup_id) wg: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  // 0, but not to the compiler: a shuffle from a constant lane costs two instructions, from a variable one lane one.
  let zero = u32(groups.x == 0);
  let size = p.N * (p.D / 4);
  let tiles = (p.R + 7) / 8;
  let tile = wg.x + wg.y * groups.x;
  let r0 = tile % tiles * 8;
  let row = min(r0 + lane, p.R - 1) * p.I + p.s0;
  for (var c = 0u; c < 8; c++) {
    let i = (tile / tiles * 8 + c) * 8 + lane;
    let at = min(i, size - 1);
    // Written out: Dawn (npm webgpu 0.6.2) clears a `var` without a value once, not at each turn of the loop.
    var taken = array<vec4f, 8>();
    for (var s = 0u; s < p.S; s++) {
      let change = delta[s * size + at];
      let factor = cut[row + s];
      for (var j = 0u; j < 8u; j++) { taken[j] += subgroupShuffle(factor, zero + j) * change; }
    }
    for (var j = 0u; j < 8u; j++) {
      if (r0 + j < p.R && i < size) { x[(r0 + j) * size + i] -= taken[j]; }
    }
  }
}
