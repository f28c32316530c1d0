// One subgroup of 8 lanes 16 rows × 32 columns of one group's product. A lane loads two rows and keeps four columns; all 16
// rows are shuffled through it, no barrier. Rows and columns past the end compute what the last one does and write nothing.
// Op: core/src/ops/grouped.ts
enable subgroups;

struct Params { N: u32, G: u32, E: u32, D: u32 }

@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read> x: array<vec4f>;       // [N, G, E / 4]
@group(0) @binding(2) var<storage, read> w: array<vec4f>;       // [G, E, D / 4]
@group(0) @binding(3) var<storage, read_write> y: array<vec4f>; // [G, N, D / 4]

@compute @workgroup_size(8)
fn forward(
  @builtin(workgroup_id) wg: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  // 0, but not to the compiler: a shuffle from a constant lane costs two instructions, from a variable one lane one.
  let zero = u32(groups.x == 0);
  let g = wg.y % p.G;
  let n0 = wg.y / p.G * 16;
  let width = p.D / 4;
  let d = wg.x * 8 + lane;
  let column = g * p.E * width + min(d, width - 1);
  let rows = (min(vec2u(n0 + lane, n0 + lane + 8), vec2u(p.N - 1)) * p.G + g) * (p.E / 4);
  var sum: array<vec4f, 16>;
  for (var e = 0u; e < p.E / 4; e++) {
    let near = x[rows.x + e];
    let far = x[rows.y + e];
    let at = column + 4 * e * width;
    let weight = mat4x4f(w[at], w[at + width], w[at + 2 * width], w[at + 3 * width]);
    for (var i = 0u; i < 8u; i++) {
      sum[i] += weight * subgroupShuffle(near, zero + i);
      sum[i + 8] += weight * subgroupShuffle(far, zero + i);
    }
  }
  if (d >= width) { return; }
  for (var i = 0u; i < 16u; i++) {
    if (n0 + i < p.N) { y[(g * p.N + n0 + i) * width + d] = sum[i]; }
  }
}
