// y = aᵀ · b. For GPUs: 64 × 64 results a workgroup, 4 × 4 a thread, panels of 16 k in workgroup memory.
// Op: core/src/ops/matmul.ts
//
// A panel holds, for each k, 64 rows of a (or columns of b) as 16 vectors of four; a 17th is padding, so that the threads
// of a subgroup, which write neighbouring k, hit different banks. Beyond the edges panels hold 0 and nothing is stored.
// On software adapters every barrier spills all state: there the .subgroup variant is for.
struct Params { M: u32, N: u32, K: u32 }
const DEPTH = 16u; // k of a panel
const STRIDE = 17u; // vectors from one k of a panel to the next

@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read> a: array<f32>;       // [K, M]
@group(0) @binding(2) var<storage, read> b: array<f32>;       // [K, N]
@group(0) @binding(3) var<storage, read_write> y: array<f32>; // [M, N]

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

fn store(m: u32, n: u32, sum: vec4f) {
  if (m >= p.M) { return; }
  for (var j = 0u; j < 4; j++) {
    if (n + j < p.N) { y[m * p.N + n + j] = sum[j]; }
  }
}

fn tile(group: vec3u, thread: u32) {
  let fast = thread % 16;
  let slow = thread / 16;
  let m = group.y * 64 + 4 * slow;
  let c = group.y * 64 + 4 * fast; // the columns of a this thread loads, not the rows it computes
  let n = group.x * 64 + 4 * fast;
  var y0 = vec4f();
  var y1 = vec4f();
  var y2 = vec4f();
  var y3 = vec4f();
  for (var k = 0u; k < p.K; k += DEPTH) {
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
  store(m, n, y0);
  store(m + 1, n, y1);
  store(m + 2, n, y2);
  store(m + 3, n, y3);
}

@compute @workgroup_size(256)
fn forward(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) thread: u32) {
  tile(group, thread);
}
