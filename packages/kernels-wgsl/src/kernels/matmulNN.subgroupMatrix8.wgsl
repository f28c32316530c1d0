// y = a · b (+ bias), of operands rounded to f16 and summed in f32. For GPUs that multiply matrices of
// 8 × 8 numbers by a subgroup (tensor cores), where asked for. Written by scripts/half.mjs.
//
// Each line (row of a, column of b) is first scaled by a power of two, found by its largest number: f16 holds nothing below
// 6e-8, and gradients are often smaller. So an operand is off by 2^-11 of itself, or by 2^-39 of the largest of its line.
// Products of f16 numbers are exact in f32. Op: core/src/ops/matmul.ts
//
// 32 × 32 results a workgroup of four subgroups, each of which keeps four matrices of 8 × 8. Panels of k lie in
// workgroup memory, line after line: a by rows, b by columns. Results leave by workgroup memory too, for nothing is known of
// which lane holds which number. Statements about subgroup matrices have lines of their own: the reflection of bindings
// cannot read them and leaves those lines out.
enable f16;
enable chromium_experimental_subgroup_matrix;
// A subgroup is LANES threads that follow each other, so what is said by its number is uniform. The compiler cannot know.
diagnostic(off, chromium.subgroup_matrix_uniformity);

override LANES: u32 = 32; // of a subgroup
override THREADS: u32 = 128; // four subgroups

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

const EDGE = 8u;
const BLOCK = 32u;
const DEPTH = 32u; // k of a panel
const STRIDE = 40u; // numbers from one line of a panel to the next; 8 are padding
var<workgroup> scale_a: array<f32, BLOCK>;
var<workgroup> scale_b: array<f32, BLOCK>;
var<workgroup> panel_a: array<f16, BLOCK * STRIDE>;
var<workgroup> panel_b: array<f16, BLOCK * STRIDE>;
var<workgroup> results: array<f32, 4 * EDGE * EDGE>;
var<workgroup> start: array<f32, BLOCK>; // 0 unless written

/// Writes the matrix that this subgroup left in workgroup memory; it begins at this row and column of the block.
fn store(group: vec3u, thread: u32, row: u32, column: u32) {
  workgroupBarrier();
  for (var i = thread % LANES; i < EDGE * EDGE; i += LANES) {
    let r = row + i / EDGE;
    let c = column + i % EDGE;
    let m = group.y * BLOCK + r;
    let n = group.x * BLOCK + c;
    if (m < p.M && n < p.N) {
      let sum = results[thread / LANES * EDGE * EDGE + i];
      y[m * p.N + n] = sum * undo(scale_a[r]) * undo(scale_b[c]) + start[c];
    }
  }
  workgroupBarrier();
}

fn product(group: vec3u, thread: u32) {
  let a_first = group.y * BLOCK;
  let b_first = group.x * BLOCK;
  let subgroup = thread / LANES;
  let row = subgroup / 2 * 2 * EDGE; // of the block, where this subgroup's matrices begin
  let column = subgroup % 2 * 2 * EDGE;
  let place = subgroup * EDGE * EDGE;
  for (var i = thread; i < BLOCK; i += THREADS) {
    scale_a[i] = scales_in[min(a_first + i, p.M - 1)];
    scale_b[i] = scales_in[p.M + min(b_first + i, p.N - 1)];
  }
  workgroupBarrier();
  var y00: subgroup_matrix_result<f32, 8, 8>;
  var y01: subgroup_matrix_result<f32, 8, 8>;
  var y10: subgroup_matrix_result<f32, 8, 8>;
  var y11: subgroup_matrix_result<f32, 8, 8>;
  for (var k = 0u; k < p.K; k += DEPTH) {
    // Neighbouring threads read neighbouring addresses. Beyond the edges panels hold 0 and nothing is stored.
    for (var i = thread; i < BLOCK * DEPTH; i += THREADS) {
      panel_a[i / DEPTH * STRIDE + i % DEPTH] = f16(scale_a[i / DEPTH] * at_a(a_first + i / DEPTH, k + i % DEPTH));
      panel_b[i % BLOCK * STRIDE + i / BLOCK] = f16(scale_b[i % BLOCK] * at_b(b_first + i % BLOCK, k + i / BLOCK));
    }
    workgroupBarrier();
    for (var i = 0u; i < DEPTH; i += EDGE) {
      let x0 = subgroupMatrixLoad<subgroup_matrix_left<f16, 8, 8>, row_major>(&panel_a, row * STRIDE + i, STRIDE);
      let x1 = subgroupMatrixLoad<subgroup_matrix_left<f16, 8, 8>, row_major>(&panel_a, (row + EDGE) * STRIDE + i, STRIDE);
      let w0 = subgroupMatrixLoad<subgroup_matrix_right<f16, 8, 8>, col_major>(&panel_b, column * STRIDE + i, STRIDE);
      let w1 = subgroupMatrixLoad<subgroup_matrix_right<f16, 8, 8>, col_major>(&panel_b, (column + EDGE) * STRIDE + i, STRIDE);
      y00 = subgroupMatrixMultiplyAccumulate(x0, w0, y00);
      y01 = subgroupMatrixMultiplyAccumulate(x0, w1, y01);
      y10 = subgroupMatrixMultiplyAccumulate(x1, w0, y10);
      y11 = subgroupMatrixMultiplyAccumulate(x1, w1, y11);
    }
    workgroupBarrier();
  }
  subgroupMatrixStore<row_major>(&results, place, y00, EDGE);
  store(group, thread, row, column);
  subgroupMatrixStore<row_major>(&results, place, y01, EDGE);
  store(group, thread, row, column + EDGE);
  subgroupMatrixStore<row_major>(&results, place, y10, EDGE);
  store(group, thread, row + EDGE, column);
  subgroupMatrixStore<row_major>(&results, place, y11, EDGE);
  store(group, thread, row + EDGE, column + EDGE);
}

@compute @workgroup_size(THREADS)
fn forward(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) thread: u32) {
  product(group, thread);
}

@compute @workgroup_size(THREADS)
fn forward_bias(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) thread: u32) {
  for (var i = thread; i < BLOCK; i += THREADS) { start[i] = bias[min(group.x * BLOCK + i, p.N - 1)]; }
  product(group, thread);
}
