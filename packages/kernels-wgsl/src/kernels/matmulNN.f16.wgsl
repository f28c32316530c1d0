// y = a · b (+ bias), of operands rounded to f16 and summed in f32. For GPUs, where asked for.
// Written by scripts/half.mjs.
//
// Each line (row of a, column of b) is first scaled by a power of two, found by its largest number: f16 holds nothing below
// 6e-8, and gradients are often smaller. So an operand is off by 2^-11 of itself, or by 2^-39 of the largest of its line.
// Products of f16 numbers are exact in f32. Op: core/src/ops/matmul.ts
//
// As in the `tiled` variant: 64 × 64 results a workgroup, 4 × 4 a thread, panels of k in workgroup memory. Half the bytes
// there, so panels are twice as deep.
enable f16;

struct Params { M: u32, N: u32, K: u32 }

@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read> a: array<f32>;              // [M, K]
@group(0) @binding(2) var<storage, read> b: array<f32>;              // [K, N]
@group(0) @binding(3) var<storage, read> bias: array<f32>;           // [N]
@group(0) @binding(4) var<storage, read_write> y: array<f32>;        // [M, N]
@group(0) @binding(5) var<storage, read_write> scales: array<f32>;   // [M + N]
@group(0) @binding(6) var<storage, read> scales_in: array<f32>;      // [M + N]

fn at_a(line: u32, k: u32) -> f32 {
  if (line < p.M && k < p.K) { return a[line * p.K + k]; }
  return 0;
}

fn at_b(line: u32, k: u32) -> f32 {
  if (line < p.N && k < p.K) { return b[k * p.N + line]; }
  return 0;
}

var<workgroup> largest: array<f32, 256>;

/// The power of two that brings this number to 2^14 or above, and below 2^15.
fn scaleOf(number: f32) -> f32 {
  let exponent = clamp(bitcast<u32>(number) >> 23, 15u, 254u);
  return bitcast<f32>((268 - exponent) << 23);
}

/// 1 / scale, exactly.
fn undo(scale: f32) -> f32 {
  return bitcast<f32>((254u << 23) - bitcast<u32>(scale));
}

/// A workgroup takes 16 lines, of a before those of b; neighbouring threads read neighbouring addresses.
@compute @workgroup_size(256)
fn forward_scales(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) thread: u32,
) {
  let fast = thread % 16;
  let slow = thread / 16;
  let place = group.x + group.y * groups.x;
  let of_a = (p.M + 15) / 16;
  let is_a = place < of_a;
  let lines = select(place - of_a, place, is_a);
  var line = 0u;
  var most = 0.0;
  if (is_a) {
    line = lines * 16 + slow;
    for (var k = fast; k < p.K; k += 16) { most = max(most, abs(at_a(line, k))); }
    largest[slow * 16 + fast] = most;
  } else {
    line = lines * 16 + fast;
    for (var k = slow; k < p.K; k += 16) { most = max(most, abs(at_b(line, k))); }
    largest[fast * 16 + slow] = most;
  }
  workgroupBarrier();
  line = lines * 16 + thread;
  if (thread >= 16 || line >= select(p.N, p.M, is_a)) { return; }
  most = 0;
  for (var i = 0u; i < 16; i++) { most = max(most, largest[thread * 16 + i]); }
  scales[select(p.M, 0u, is_a) + line] = scaleOf(most);
}

const DEPTH = 32u; // k of a panel
const STRIDE = 17u; // vectors from one k of a panel to the next; the 17th is padding
var<workgroup> panel_a: array<vec4h, DEPTH * STRIDE>;
var<workgroup> panel_b: array<vec4h, DEPTH * STRIDE>;

fn scalesOf(first: u32, line: u32, end: u32) -> vec4f {
  let i = first + min(vec4u(line) + vec4u(0, 1, 2, 3), vec4u(end - 1));
  return vec4f(scales_in[i.x], scales_in[i.y], scales_in[i.z], scales_in[i.w]);
}

fn store(m: u32, n: u32, sum: vec4f, start: vec4f) {
  if (m >= p.M) { return; }
  let columns = scalesOf(p.M, n, p.N);
  for (var j = 0u; j < 4; j++) {
    if (n + j < p.N) { y[m * p.N + n + j] = sum[j] * undo(scales_in[m]) * undo(columns[j]) + start[j]; }
  }
}

fn product(group: vec3u, thread: u32, start: vec4f) {
  let fast = thread % 16;
  let slow = thread / 16;
  let m = group.y * 64 + 4 * slow;
  let n = group.x * 64 + 4 * fast;
  let a_line = group.y * 64 + 4 * slow; // of what this thread loads
  let b_line = group.x * 64 + 4 * fast;
  let scale_a = scalesOf(0, a_line, p.M);
  let scale_b = scalesOf(p.M, b_line, p.N);
  var y0 = vec4f();
  var y1 = vec4f();
  var y2 = vec4f();
  var y3 = vec4f();
  for (var k = 0u; k < p.K; k += DEPTH) {
    // Neighbouring threads read neighbouring addresses. Beyond the edges panels hold 0 and nothing is stored.
    for (var i = fast; i < DEPTH; i += 16) {
      panel_a[i * STRIDE + slow] = vec4h(scale_a * vec4f(at_a(a_line, k + i), at_a(a_line + 1, k + i), at_a(a_line + 2, k + i), at_a(a_line + 3, k + i)));
    }
    for (var i = slow; i < DEPTH; i += 16) {
      panel_b[i * STRIDE + fast] = vec4h(scale_b * vec4f(at_b(b_line, k + i), at_b(b_line + 1, k + i), at_b(b_line + 2, k + i), at_b(b_line + 3, k + i)));
    }
    workgroupBarrier();
    for (var i = 0u; i < DEPTH; i++) {
      let x = vec4f(panel_a[i * STRIDE + slow]);
      let w = vec4f(panel_b[i * STRIDE + fast]);
      y0 = fma(vec4f(x.x), w, y0);
      y1 = fma(vec4f(x.y), w, y1);
      y2 = fma(vec4f(x.z), w, y2);
      y3 = fma(vec4f(x.w), w, y3);
    }
    workgroupBarrier();
  }
  store(m, n, y0, start);
  store(m + 1, n, y1, start);
  store(m + 2, n, y2, start);
  store(m + 3, n, y3, start);
}

@compute @workgroup_size(256)
fn forward(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) thread: u32) {
  product(group, thread, vec4f());
}

@compute @workgroup_size(256)
fn forward_bias(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) thread: u32) {
  let n = min(vec4u(group.x * 64 + 4 * (thread % 16)) + vec4u(0, 1, 2, 3), vec4u(p.N - 1));
  product(group, thread, vec4f(bias[n.x], bias[n.y], bias[n.z], bias[n.w]));
}
