// y = a · b (+ bias), where N and K are multiples of 4. For GPUs: the `tiled` variant with loads and stores of four numbers,
// one load of each operand a thread and panel. Op: core/src/ops/matmul.ts
//
// Panels hold vectors as they lie in memory: of a four k of a row, of b four columns of one k. Each sum goes along k as in
// `tiled`, so the bits are the same. Beyond the edges panels hold 0 and nothing is stored.
struct Params { M: u32, N: u32, K: u32 }
const DEPTH = 4u; // vectors along k of a panel
const STRIDE = 66u; // vectors from one four of k to the next: 64 lines, and 2 of padding to spread writes over the banks

@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read> a: array<vec4f>;       // [M, K / 4]
@group(0) @binding(2) var<storage, read> b: array<vec4f>;       // [K, N / 4]
@group(0) @binding(3) var<storage, read> bias: array<vec4f>;    // [N / 4]
@group(0) @binding(4) var<storage, read_write> y: array<vec4f>; // [M, N / 4]

var<workgroup> panel_a: array<vec4f, DEPTH * STRIDE>; // by four k, then by row
var<workgroup> panel_b: array<vec4f, 256>; // by k, then by four columns

/// Row m, from k = 4 * four on.
fn at_a(m: u32, four: u32) -> vec4f {
  if (m < p.M && four < p.K / 4) { return a[m * (p.K / 4) + four]; }
  return vec4f();
}

/// Columns from n = 4 * four on.
fn at_b(k: u32, four: u32) -> vec4f {
  if (k < p.K && four < p.N / 4) { return b[k * (p.N / 4) + four]; }
  return vec4f();
}

fn store(m: u32, four: u32, sum: vec4f) {
  if (m < p.M && four < p.N / 4) { y[m * (p.N / 4) + four] = sum; }
}

/// sum + x · w over four k, one after the other.
fn accumulate(sum: vec4f, x: vec4f, w: mat4x4f) -> vec4f {
  return fma(vec4f(x.w), w[3], fma(vec4f(x.z), w[2], fma(vec4f(x.y), w[1], fma(vec4f(x.x), w[0], sum))));
}

fn product(group: vec3u, thread: u32, start: vec4f) {
  let fast = thread % 16;
  let slow = thread / 16;
  let m = group.y * 64 + 4 * slow;
  let four = group.x * 16 + fast;
  let line = thread / 4; // the row of a this thread loads, not one it computes
  var y0 = start;
  var y1 = start;
  var y2 = start;
  var y3 = start;
  for (var k = 0u; k < p.K / 4; k += DEPTH) {
    // Neighbouring threads read neighbouring addresses: along k in a, along n in b.
    panel_a[thread % 4 * STRIDE + line] = at_a(group.y * 64 + line, k + thread % 4);
    panel_b[thread] = at_b(4 * k + slow, four);
    workgroupBarrier();
    for (var i = 0u; i < DEPTH; i++) {
      let c = 64 * i + fast;
      let w = mat4x4f(panel_b[c], panel_b[c + 16], panel_b[c + 32], panel_b[c + 48]);
      let x = i * STRIDE + 4 * slow;
      y0 = accumulate(y0, panel_a[x], w);
      y1 = accumulate(y1, panel_a[x + 1], w);
      y2 = accumulate(y2, panel_a[x + 2], w);
      y3 = accumulate(y3, panel_a[x + 3], w);
    }
    workgroupBarrier();
  }
  store(m, four, y0);
  store(m + 1, four, y1);
  store(m + 2, four, y2);
  store(m + 3, four, y3);
}

@compute @workgroup_size(256)
fn forward(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) thread: u32) {
  product(group, thread, vec4f());
}

@compute @workgroup_size(256)
fn forward_bias(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) thread: u32) {
  product(group, thread, bias[min(group.x * 16 + thread % 16, p.N / 4 - 1)]);
}
