// y = a · b, where N and K are multiples of 4. For GPUs where M and N fill few workgroups and K is long: the `split` variant
// with loads and stores of four numbers. A workgroup takes one of S parts of a block as matmulNN.tiledVec4 takes a block,
// and a second pass adds the parts in their order. The bits are those of `split`. Op: core/src/ops/matmul.ts
struct Params { M: u32, N: u32, K: u32, S: u32 }
const DEPTH = 16u; // k of a panel
const STRIDE = 66u; // vectors from one four of k to the next: 64 lines, and 2 of padding to spread writes over the banks

@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read> a: array<vec4f>;           // [M, K / 4]
@group(0) @binding(2) var<storage, read> b: array<vec4f>;           // [K, N / 4]
@group(0) @binding(3) var<storage, read_write> parts: array<vec4f>; // [S, M, N / 4]
@group(0) @binding(4) var<storage, read> parts_in: array<vec4f>;    // [S, M, N / 4]
@group(0) @binding(5) var<storage, read_write> y: array<vec4f>;     // [M, N / 4]

var<workgroup> panel_a: array<vec4f, 4 * STRIDE>; // by four k, then by row
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

fn store(part: u32, m: u32, four: u32, sum: vec4f) {
  if (m < p.M && four < p.N / 4) { parts[(part * p.M + m) * (p.N / 4) + four] = sum; }
}

/// sum + x · w over four k, one after the other.
fn accumulate(sum: vec4f, x: vec4f, w: mat4x4f) -> vec4f {
  return fma(vec4f(x.w), w[3], fma(vec4f(x.z), w[2], fma(vec4f(x.y), w[1], fma(vec4f(x.x), w[0], sum))));
}

/// k of a part: whole panels.
fn partDepth() -> u32 {
  return (p.K / DEPTH + p.S) / p.S * DEPTH;
}

/// Part group.z of the block, up to `end`.
fn product(group: vec3u, thread: u32, end: u32) {
  let fast = thread % 16;
  let slow = thread / 16;
  let m = group.y * 64 + 4 * slow;
  let four = group.x * 16 + fast;
  let line = thread / 4; // the row of a this thread loads, not one it computes
  var y0 = vec4f();
  var y1 = vec4f();
  var y2 = vec4f();
  var y3 = vec4f();
  for (var k = group.z * partDepth(); k < end; k += DEPTH) {
    // Neighbouring threads read neighbouring addresses: along k in a, along n in b.
    panel_a[thread % 4 * STRIDE + line] = at_a(group.y * 64 + line, k / 4 + thread % 4);
    panel_b[thread] = at_b(k + slow, four);
    workgroupBarrier();
    for (var i = 0u; i < DEPTH / 4; i++) {
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
  store(group.z, m, four, y0);
  store(group.z, m + 1, four, y1);
  store(group.z, m + 2, four, y2);
  store(group.z, m + 3, four, y3);
}

/// The first k that is no longer of this part.
fn endOf(part: u32) -> u32 {
  return min((part + 1) * partDepth(), p.K);
}

/// Vector i of y.
fn total(i: u32) -> vec4f {
  var sum = vec4f();
  for (var s = 0u; s < p.S; s++) { sum += parts_in[s * p.M * (p.N / 4) + i]; }
  return sum;
}

/// A grid of one number may be folded into two.
fn index(group: vec3u, groups: vec3u, thread: u32) -> u32 {
  return (group.x + group.y * groups.x) * 256 + thread;
}

@compute @workgroup_size(256)
fn forward_parts(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) thread: u32) {
  product(group, thread, endOf(group.z));
}

@compute @workgroup_size(256)
fn forward_sum(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) thread: u32,
) {
  let i = index(group, groups, thread);
  if (i < p.M * (p.N / 4)) { y[i] = total(i); }
}
