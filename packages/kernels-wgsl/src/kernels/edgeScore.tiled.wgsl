// One workgroup 32 reads × 32 sources and a chunk of m: matrix products of a position, summed. 8 × 8 threads load panels
// of 16 d into workgroup memory and keep 4 × 4 sums each. A second entry adds the chunks in order.
// Op: core/src/ops/edgeScore.ts
struct Params { S: u32, R: u32, M: u32, D: u32, I: u32, G: u32, s0: u32, m0: u32, Q: u32, C: u32, CHUNK: u32 }
override WG: u32 = 64; // of the sums; a tile has 64 threads

@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read> delta: array<f32>;         // [M, S, D]
@group(0) @binding(2) var<storage, read> grad: array<f32>;          // [M, R, D]
@group(0) @binding(3) var<storage, read> weight: array<f32>;        // [M]
@group(0) @binding(4) var<storage, read_write> partial: array<f32>; // [C, Q, R]
@group(0) @binding(5) var<storage, read> partial_in: array<f32>;    // [C, Q, R]
@group(0) @binding(6) var<storage, read> starts: array<u32>;        // [G + 1]
@group(0) @binding(7) var<storage, read_write> total: array<f32>;   // [G, I, R]

var<workgroup> sources: array<f32, 544>; // [source, d], rows of 17 so that threads meet in no bank
var<workgroup> readers: array<f32, 544>; // [read, d]

@compute @workgroup_size(64)
fn forward_partial(@builtin(workgroup_id) wg: vec3u, @builtin(local_invocation_index) t: u32) {
  let r0 = wg.x * 32;
  let s0 = wg.y * 32;
  let first = wg.z * p.CHUNK;
  let ri = t / 8 * 4;
  let si = t % 8 * 4;
  var sum: array<vec4f, 4>;
  for (var m = first; m < min(first + p.CHUNK, p.M); m++) {
    let w = weight[m]; // the same for all threads, so the barriers below are met by all or by none
    for (var d0 = 0u; d0 < p.D; d0 += 16) {
      for (var i = t; i < 512; i += 64) {
        let d = d0 + i % 16;
        let s = s0 + i / 16;
        var value = 0.0;
        if (d < p.D && s < p.Q && w != 0.0) { value = delta[(m * p.S + s) * p.D + d]; }
        sources[i / 16 * 17 + i % 16] = value;
      }
      for (var i = t; i < 512; i += 64) {
        let d = d0 + i % 16;
        let r = r0 + i / 16;
        var value = 0.0;
        if (d < p.D && r < p.R && w != 0.0) { value = w * grad[(m * p.R + r) * p.D + d]; }
        readers[i / 16 * 17 + i % 16] = value;
      }
      workgroupBarrier();
      for (var d = 0u; d < 16; d++) {
        let at = si * 17 + d;
        let a = vec4f(sources[at], sources[at + 17], sources[at + 34], sources[at + 51]);
        for (var i = 0u; i < 4; i++) { sum[i] = fma(vec4f(readers[(ri + i) * 17 + d]), a, sum[i]); }
      }
      workgroupBarrier();
    }
  }
  for (var i = 0u; i < 4; i++) {
    for (var j = 0u; j < 4; j++) {
      let s = s0 + si + j;
      let r = r0 + ri + i;
      if (s < p.Q && r < p.R) { partial[(wg.z * p.Q + s) * p.R + r] = sum[i][j]; }
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
