// y = a · bᵀ (+ bias). For GPUs: 64 × 64 results a workgroup, 4 × 4 a thread, panels of 16 k in workgroup memory.
// Op: core/src/ops/matmul.ts
//
// A panel holds, for each k, 64 rows of a (or columns of b) as 16 vectors of four; a 17th is padding, so that the threads
// of a subgroup, which write neighbouring k, hit different banks. Beyond the edges panels hold 0 and nothing is stored.
// On software adapters every barrier spills all state: there the .subgroup variant is for.
struct Params { M: u32, N: u32, K: u32 }
const DEPTH = 16u; // k of a panel
const STRIDE = 17u; // vectors from one k of a panel to the next

@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read> a: array<f32>;       // [M, K]
@group(0) @binding(2) var<storage, read> b: array<f32>;       // [N, K]
@group(0) @binding(3) var<storage, read> bias: array<f32>;    // [N]
@group(0) @binding(4) var<storage, read_write> y: array<f32>; // [M, N]

var<workgroup> panel_a: array<vec4f, DEPTH * STRIDE>;
var<workgroup> panel_b: array<vec4f, DEPTH * STRIDE>;

fn at_a(m: u32, k: u32) -> f32 {
  if (m < p.M && k < p.K) { return a[m * p.K + k]; }
  return 0;
}

fn at_b(n: u32, k: u32) -> f32 {
  if (k < p.K && n < p.N) { return b[n * p.K + k]; }
  return 0;
}

fn store(m: u32, n: u32, sum: vec4f) {
  if (m >= p.M) { return; }
  for (var j = 0u; j < 4; j++) {
    if (n + j < p.N) { y[m * p.N + n + j] = sum[j]; }
  }
}

fn tile(group: vec3u, thread: u32, start: vec4f) {
  let fast = thread % 16;
  let slow = thread / 16;
  let m = group.y * 64 + 4 * slow;
  let n = group.x * 64 + 4 * fast;
  let c = group.x * 64 + 4 * slow; // the row of b this thread loads, not the column it computes
  var y0 = start;
  var y1 = start;
  var y2 = start;
  var y3 = start;
  for (var k = 0u; k < p.K; k += DEPTH) {
    // Neighbouring threads read neighbouring addresses: along k.
    panel_a[fast * STRIDE + slow] = vec4f(at_a(m, k + fast), at_a(m + 1, k + fast), at_a(m + 2, k + fast), at_a(m + 3, k + fast));
    panel_b[fast * STRIDE + slow] = vec4f(at_b(c, k + fast), at_b(c + 1, k + fast), at_b(c + 2, k + fast), at_b(c + 3, k + fast));
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
  store(m, n, y0);
  store(m + 1, n, y1);
  store(m + 2, n, y2);
  store(m + 3, n, y3);
}

@compute @workgroup_size(256)
fn forward(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) thread: u32) {
  tile(group, thread, vec4f());
}

@compute @workgroup_size(256)
fn forward_bias(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) thread: u32) {
  let n = min(vec4u(group.x * 64 + 4 * (thread % 16)) + vec4u(0, 1, 2, 3), vec4u(p.N - 1));
  tile(group, thread, vec4f(bias[n.x], bias[n.y], bias[n.z], bias[n.w]));
}
