// y = aᵀ · b. For GPUs where M and N fill few workgroups and K is long. K is cut into S parts; a workgroup takes one
// part of a block of 64 × 64, as matmulTN.tiled takes a block, and a second pass adds the parts in their order: a re-run
// gives the same bits. Op: core/src/ops/matmul.ts
struct Params { M: u32, N: u32, K: u32, S: u32 }
const DEPTH = 16u; // k of a panel
const STRIDE = 17u; // vectors from one k of a panel to the next

@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read> a: array<f32>;                // [K, M]
@group(0) @binding(2) var<storage, read> b: array<f32>;                // [K, N]
@group(0) @binding(3) var<storage, read_write> parts: array<f32>;      // [S, M, N]
@group(0) @binding(4) var<storage, read> parts_in: array<f32>;         // [S, M, N]
@group(0) @binding(5) var<storage, read_write> y: array<f32>;          // [M, N]

var<workgroup> panel_a: array<vec4f, DEPTH * STRIDE>;
var<workgroup> panel_b: array<vec4f, DEPTH * STRIDE>;

fn at_a(k: u32, m: u32) -> f32 {
  if (m < p.M && k < p.K) { return a[k * p.M + m]; }
  return 0;
}

fn at_b(k: u32, n: u32) -> f32 {
  if (k < p.K && n < p.N) { return b[k * p.N + n]; }
  return 0;
}

fn store(part: u32, m: u32, n: u32, sum: vec4f) {
  if (m >= p.M) { return; }
  for (var j = 0u; j < 4; j++) {
    if (n + j < p.N) { parts[(part * p.M + m) * p.N + n + j] = sum[j]; }
  }
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
  let c = group.y * 64 + 4 * fast; // the columns of a this thread loads, not the rows it computes
  let n = group.x * 64 + 4 * fast;
  var y0 = vec4f();
  var y1 = vec4f();
  var y2 = vec4f();
  var y3 = vec4f();
  for (var k = group.z * partDepth(); k < end; k += DEPTH) {
    // Neighbouring threads read neighbouring addresses: along m in a, along n in b.
    panel_a[slow * STRIDE + fast] = vec4f(at_a(k + slow, c), at_a(k + slow, c + 1), at_a(k + slow, c + 2), at_a(k + slow, c + 3));
    panel_b[slow * STRIDE + fast] = vec4f(at_b(k + slow, n), at_b(k + slow, n + 1), at_b(k + slow, n + 2), at_b(k + slow, n + 3));
    workgroupBarrier();
    for (var i = 0u; i < DEPTH; i++) {
      let x = panel_a[i * STRIDE + slow];
      let w = panel_b[i * STRIDE + fast];
      y0 = fma(vec4f(x.x), w, y0);
      y1 = fma(vec4f(x.y), w, y1);
      y2 = fma(vec4f(x.z), w, y2);
      y3 = fma(vec4f(x.w), w, y3);
    }
    workgroupBarrier();
  }
  store(group.z, m, n, y0);
  store(group.z, m + 1, n, y1);
  store(group.z, m + 2, n, y2);
  store(group.z, m + 3, n, y3);
}

/// The first k that is no longer of this part.
fn endOf(part: u32) -> u32 {
  return min((part + 1) * partDepth(), p.K);
}

/// Number i of y.
fn total(i: u32) -> f32 {
  var sum = 0.0;
  for (var s = 0u; s < p.S; s++) { sum += parts_in[s * p.M * p.N + i]; }
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
  if (i < p.M * p.N) { y[i] = total(i); }
}
