// One thread 4 sources × 4 reads and a chunk of m, in registers: 8 loads serve 64 products, no barrier. Sums are written
// out, since SwiftShader keeps arrays in memory. Sources and reads past the end compute what the last one does and write
// nothing. A second entry adds the chunks in order. Op: core/src/ops/edgeScore.ts
struct Params { S: u32, R: u32, M: u32, D: u32, I: u32, G: u32, s0: u32, m0: u32, Q: u32, C: u32, CHUNK: u32 }
override WG: u32 = 16;

@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read> delta: array<vec4f>;       // [M, S, D / 4]
@group(0) @binding(2) var<storage, read> grad: array<vec4f>;        // [M, R, D / 4]
@group(0) @binding(3) var<storage, read> weight: array<f32>;        // [M]
@group(0) @binding(4) var<storage, read_write> partial: array<f32>; // [C, Q, R]
@group(0) @binding(5) var<storage, read> partial_in: array<f32>;    // [C, Q, R]
@group(0) @binding(6) var<storage, read> starts: array<u32>;        // [G + 1]
@group(0) @binding(7) var<storage, read_write> total: array<f32>;   // [G, I, R]

/// Of one read, for four sources.
fn store(c: u32, s: vec4u, r: u32, sum: vec4f) {
  if (r >= p.R) { return; }
  let at = (c * p.Q + s) * p.R + r;
  if (s.x < p.Q) { partial[at.x] = sum.x; }
  if (s.y < p.Q) { partial[at.y] = sum.y; }
  if (s.z < p.Q) { partial[at.z] = sum.z; }
  if (s.w < p.Q) { partial[at.w] = sum.w; }
}

@compute @workgroup_size(WG)
fn forward_partial(
  @builtin(workgroup_id) wg: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) t: u32,
) {
  let i = (wg.x + wg.y * groups.x) * WG + t;
  let across = (p.R + 3) / 4;
  let down = (p.Q + 3) / 4;
  let c = i / (across * down);
  if (c >= p.C) { return; }
  let row = p.D / 4;
  let r0 = i % across * 4;
  let own = i / across % down * 4 + vec4u(0, 1, 2, 3);
  let source = min(own, vec4u(p.Q - 1)) * row;
  let reader = min(r0 + vec4u(0, 1, 2, 3), vec4u(p.R - 1)) * row;
  var sum0 = vec4f();
  var sum1 = vec4f();
  var sum2 = vec4f();
  var sum3 = vec4f();
  let first = c * p.CHUNK;
  for (var m = first; m < min(first + p.CHUNK, p.M); m++) {
    let w = weight[m];
    if (w == 0.0) { continue; }
    let g = m * p.R * row + reader;
    let s = m * p.S * row + source;
    for (var k = 0u; k < row; k++) {
      let a0 = w * delta[s.x + k];
      let a1 = w * delta[s.y + k];
      let a2 = w * delta[s.z + k];
      let a3 = w * delta[s.w + k];
      let b0 = grad[g.x + k];
      sum0 += vec4f(dot(a0, b0), dot(a1, b0), dot(a2, b0), dot(a3, b0));
      let b1 = grad[g.y + k];
      sum1 += vec4f(dot(a0, b1), dot(a1, b1), dot(a2, b1), dot(a3, b1));
      let b2 = grad[g.z + k];
      sum2 += vec4f(dot(a0, b2), dot(a1, b2), dot(a2, b2), dot(a3, b2));
      let b3 = grad[g.w + k];
      sum3 += vec4f(dot(a0, b3), dot(a1, b3), dot(a2, b3), dot(a3, b3));
    }
  }
  store(c, own, r0, sum0);
  store(c, own, r0 + 1, sum1);
  store(c, own, r0 + 2, sum2);
  store(c, own, r0 + 3, sum3);
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
