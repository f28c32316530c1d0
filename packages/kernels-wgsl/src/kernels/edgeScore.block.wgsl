// One thread 4 sources × 4 reads and a chunk of m, in registers: 8 loads serve 64 products, no barrier. Sums are written out,
// since SwiftShader keeps arrays in memory. Sources and reads past the end compute what the last one does and write nothing.
// A second entry adds the chunks in order. Op: core/src/ops/edgeScore.ts
struct Params { S: u32, R: u32, M: u32, D: u32, s0: u32, C: u32, CHUNK: u32 }
override WG: u32 = 16;

@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read> delta: array<vec4f>;       // [S, M, D / 4]
@group(0) @binding(2) var<storage, read> grad: array<vec4f>;        // [R, M, D / 4]
@group(0) @binding(3) var<storage, read> weight: array<f32>;        // [M]
@group(0) @binding(4) var<storage, read_write> partial: array<f32>; // [C, S, R]
@group(0) @binding(5) var<storage, read> partial_in: array<f32>;    // [C, S, R]
@group(0) @binding(6) var<storage, read_write> total: array<f32>;   // [I, R]

fn store(c: u32, s: u32, r: u32, sum: vec4f) {
  if (s >= p.S) { return; }
  let at = (c * p.S + s) * p.R + r;
  partial[at] = sum.x;
  if (r + 1 < p.R) { partial[at + 1] = sum.y; }
  if (r + 2 < p.R) { partial[at + 2] = sum.z; }
  if (r + 3 < p.R) { partial[at + 3] = sum.w; }
}

@compute @workgroup_size(WG)
fn forward_partial(
  @builtin(workgroup_id) wg: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) t: u32,
) {
  let i = (wg.x + wg.y * groups.x) * WG + t;
  let across = (p.R + 3) / 4;
  let down = (p.S + 3) / 4;
  let c = i / (across * down);
  if (c >= p.C) { return; }
  let r0 = i % across * 4;
  let s0 = i / across % down * 4;
  let row = p.D / 4;
  let source = min(s0 + vec4u(0, 1, 2, 3), vec4u(p.S - 1)) * p.M * row;
  let reader = min(r0 + vec4u(0, 1, 2, 3), vec4u(p.R - 1)) * p.M * row;
  var sum0 = vec4f();
  var sum1 = vec4f();
  var sum2 = vec4f();
  var sum3 = vec4f();
  let first = c * p.CHUNK;
  for (var m = first; m < min(first + p.CHUNK, p.M); m++) {
    let w = weight[m];
    for (var k = m * row; k < (m + 1) * row; k++) {
      let b0 = w * grad[reader.x + k];
      let b1 = w * grad[reader.y + k];
      let b2 = w * grad[reader.z + k];
      let b3 = w * grad[reader.w + k];
      let a0 = delta[source.x + k];
      sum0 += vec4f(dot(a0, b0), dot(a0, b1), dot(a0, b2), dot(a0, b3));
      let a1 = delta[source.y + k];
      sum1 += vec4f(dot(a1, b0), dot(a1, b1), dot(a1, b2), dot(a1, b3));
      let a2 = delta[source.z + k];
      sum2 += vec4f(dot(a2, b0), dot(a2, b1), dot(a2, b2), dot(a2, b3));
      let a3 = delta[source.w + k];
      sum3 += vec4f(dot(a3, b0), dot(a3, b1), dot(a3, b2), dot(a3, b3));
    }
  }
  store(c, s0, r0, sum0);
  store(c, s0 + 1, r0, sum1);
  store(c, s0 + 2, r0, sum2);
  store(c, s0 + 3, r0, sum3);
}

@compute @workgroup_size(WG)
fn forward_sum(@builtin(global_invocation_id) id: vec3u) {
  let i = id.x;
  if (i >= p.S * p.R) { return; }
  var sum = 0.0;
  for (var c = 0u; c < p.C; c++) { sum += partial_in[c * p.S * p.R + i]; }
  total[p.s0 * p.R + i] += sum;
}
