// y = a · bᵀ (+ bias), where K is a multiple of 4. For GPUs: the `tiled` variant with loads of four numbers, one of each
// operand a thread and panel. Op: core/src/ops/matmul.ts
//
// Panels hold vectors as they lie in memory: four k of a line, which is a row of a or a column of b. Each sum goes along k as
// in `tiled`, so the bits are the same. A thread's columns are 16 apart: neighbouring threads then take neighbouring lines
// from the panel, and store neighbouring numbers. Beyond the edges panels hold 0 and nothing is stored.
struct Params { M: u32, N: u32, K: u32 }
const DEPTH = 4u; // vectors along k of a panel
const STRIDE = 66u; // vectors from one four of k to the next: 64 lines, and 2 of padding to spread writes over the banks

@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read> a: array<vec4f>;     // [M, K / 4]
@group(0) @binding(2) var<storage, read> b: array<vec4f>;     // [N, K / 4]
@group(0) @binding(3) var<storage, read> bias: array<f32>;    // [N]
@group(0) @binding(4) var<storage, read_write> y: array<f32>; // [M, N]

var<workgroup> panel_a: array<vec4f, DEPTH * STRIDE>; // by four k, then by line
var<workgroup> panel_b: array<vec4f, DEPTH * STRIDE>;

/// Row m, from k = 4 * four on.
fn at_a(m: u32, four: u32) -> vec4f {
  if (m < p.M && four < p.K / 4) { return a[m * (p.K / 4) + four]; }
  return vec4f();
}

/// Column n, from k = 4 * four on.
fn at_b(n: u32, four: u32) -> vec4f {
  if (n < p.N && four < p.K / 4) { return b[n * (p.K / 4) + four]; }
  return vec4f();
}

/// The columns of a thread, from n on.
fn columns(n: u32) -> vec4u {
  return n + vec4u(0, 16, 32, 48);
}

fn store(m: u32, n: vec4u, sum: vec4f) {
  if (m >= p.M) { return; }
  for (var j = 0u; j < 4; j++) {
    if (n[j] < p.N) { y[m * p.N + n[j]] = sum[j]; }
  }
}

/// sum + x · w over four k, one after the other.
fn accumulate(sum: vec4f, x: vec4f, w: mat4x4f) -> vec4f {
  return fma(vec4f(x.w), w[3], fma(vec4f(x.z), w[2], fma(vec4f(x.y), w[1], fma(vec4f(x.x), w[0], sum))));
}

fn product(group: vec3u, thread: u32, start: vec4f) {
  let fast = thread % 16;
  let slow = thread / 16;
  let m = group.y * 64 + 4 * slow;
  let n = columns(group.x * 64 + fast);
  let line = thread / 4; // of each panel, what this thread loads
  let four = thread % 4;
  var y0 = start;
  var y1 = start;
  var y2 = start;
  var y3 = start;
  for (var k = 0u; k < p.K / 4; k += DEPTH) {
    // Neighbouring threads read neighbouring addresses: along k.
    panel_a[four * STRIDE + line] = at_a(group.y * 64 + line, k + four);
    panel_b[four * STRIDE + line] = at_b(group.x * 64 + line, k + four);
    workgroupBarrier();
    for (var i = 0u; i < DEPTH; i++) {
      let c = columns(i * STRIDE + fast);
      let w = transpose(mat4x4f(panel_b[c.x], panel_b[c.y], panel_b[c.z], panel_b[c.w]));
      let x = i * STRIDE + 4 * slow;
      y0 = accumulate(y0, panel_a[x], w);
      y1 = accumulate(y1, panel_a[x + 1], w);
      y2 = accumulate(y2, panel_a[x + 2], w);
      y3 = accumulate(y3, panel_a[x + 3], w);
    }
    workgroupBarrier();
  }
  store(m, n, y0);
  store(m + 1, n, y1);
  store(m + 2, n, y2);
  store(m + 3, n, y3);
}

@compute @workgroup_size(256)
fn forward(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) thread: u32) {
  product(group, thread, vec4f());
}

@compute @workgroup_size(256)
fn forward_bias(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) thread: u32) {
  let n = min(columns(group.x * 64 + thread % 16), vec4u(p.N - 1));
  product(group, thread, vec4f(bias[n.x], bias[n.y], bias[n.z], bias[n.w]));
}
