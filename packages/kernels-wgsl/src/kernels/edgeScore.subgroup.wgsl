// One subgroup of 8 lanes ROWS reads × 32 sources and a chunk of m: matrix products of a position, tiled as matmulNT.subgroup
// is, and summed. A lane loads four floats of one or two reads, which are shuffled through all lanes, and owns four
// sources; no barrier. Sources and reads past the end compute what the last one does and write nothing. A second entry adds
// the chunks in order. Op: core/src/ops/edgeScore.ts
enable subgroups;

struct Params { S: u32, R: u32, M: u32, D: u32, I: u32, G: u32, s0: u32, m0: u32, Q: u32, C: u32, CHUNK: u32 }
override WG: u32 = 64;
override ROWS: u32 = 16; // reads of a tile, 16 at most

@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read> delta: array<vec4f>;       // [M, S, D / 4]
@group(0) @binding(2) var<storage, read> grad: array<vec4f>;        // [M, R, D / 4]
@group(0) @binding(3) var<storage, read> weight: array<f32>;        // [M]
@group(0) @binding(4) var<storage, read_write> partial: array<f32>; // [C, Q, R]
@group(0) @binding(5) var<storage, read> partial_in: array<f32>;    // [C, Q, R]
@group(0) @binding(6) var<storage, read> starts: array<u32>;        // [G + 1]
@group(0) @binding(7) var<storage, read_write> total: array<f32>;   // [G, I, R]

/// sum + x · w over four d, one after the other.
fn accumulate(sum: vec4f, x: vec4f, w: mat4x4f) -> vec4f {
  return fma(vec4f(x.w), w[3], fma(vec4f(x.z), w[2], fma(vec4f(x.y), w[1], fma(vec4f(x.x), w[0], sum))));
}

@compute @workgroup_size(8)
fn forward_partial(
  @builtin(workgroup_id) wg: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  // 0, but not to the compiler: a shuffle from a constant lane costs two instructions, from a variable one lane one.
  let zero = u32(groups.x == 0);
  let row = p.D / 4;
  let own = wg.y * 32 + lane + vec4u(0, 8, 16, 24);
  let source = min(own, vec4u(p.Q - 1)) * row;
  let r0 = wg.x * ROWS;
  let near = min(r0 + lane, p.R - 1) * row;
  let far = min(r0 + lane + 8, p.R - 1) * row;
  let first = wg.z * p.CHUNK;
  var sum: array<vec4f, 16>;
  for (var m = first; m < min(first + p.CHUNK, p.M); m++) {
    let w = weight[m];
    if (w == 0.0) { continue; }
    let g = m * p.R * row;
    let s = m * p.S * row + source;
    for (var k = 0u; k < row; k++) {
      let a = transpose(mat4x4f(delta[s.x + k], delta[s.y + k], delta[s.z + k], delta[s.w + k]));
      let low = w * grad[g + near + k];
      for (var i = 0u; i < min(ROWS, 8); i++) { sum[i] = accumulate(sum[i], subgroupShuffle(low, zero + i), a); }
      if (ROWS > 8) {
        let high = w * grad[g + far + k];
        for (var i = 8u; i < ROWS; i++) { sum[i] = accumulate(sum[i], subgroupShuffle(high, zero + i - 8), a); }
      }
    }
  }
  for (var i = 0u; i < ROWS; i++) {
    for (var j = 0u; j < 4u; j++) {
      if (own[j] < p.Q && r0 + i < p.R) { partial[(wg.z * p.Q + own[j]) * p.R + r0 + i] = sum[i][j]; }
    }
  }
}

/// Rows of this part before the first of group g.
fn rows_before(g: u32) -> u32 { return clamp(starts[g], p.m0, p.m0 + p.M) - p.m0; }

@compute @workgroup_size(WG)
fn forward_sum(
  @builtin(workgroup_id) wg: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) t: u32,
) {
  let n = (wg.x + wg.y * groups.x) * WG + t;
  let edges = p.Q * p.R;
  let g = n / edges;
  if (g >= p.G) { return; }
  let i = n % edges;
  let end = (rows_before(g + 1) + p.CHUNK - 1) / p.CHUNK;
  var sum = 0.0;
  for (var c = rows_before(g) / p.CHUNK; c < end; c++) { sum += partial_in[c * edges + i]; }
  total[(g * p.I + p.s0) * p.R + i] += sum;
}
