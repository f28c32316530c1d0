// y = aᵀ · b, where M and N are multiples of 4. For GPUs: the `tiled` variant with loads and stores of four numbers, one load
// of each operand a thread and panel. Op: core/src/ops/matmul.ts
//
// Panels hold vectors as they lie in memory, by k: four rows of aᵀ, or four columns of b. Each sum goes along k as in
// `tiled`, so the bits are the same. Beyond the edges panels hold 0 and nothing is stored.
struct Params { M: u32, N: u32, K: u32 }
const DEPTH = 16u; // k of a panel

@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read> a: array<vec4f>;       // [K, M / 4]
@group(0) @binding(2) var<storage, read> b: array<vec4f>;       // [K, N / 4]
@group(0) @binding(3) var<storage, read_write> y: array<vec4f>; // [M, N / 4]

var<workgroup> panel_a: array<vec4f, DEPTH * 16>;
var<workgroup> panel_b: array<vec4f, DEPTH * 16>;

/// Rows of y from m = 4 * four on.
fn at_a(k: u32, four: u32) -> vec4f {
  if (k < p.K && four < p.M / 4) { return a[k * (p.M / 4) + four]; }
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

@compute @workgroup_size(256)
fn forward(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) thread: u32) {
  let fast = thread % 16;
  let slow = thread / 16;
  let m = group.y * 64 + 4 * slow;
  let four = group.x * 16 + fast;
  var y0 = vec4f();
  var y1 = vec4f();
  var y2 = vec4f();
  var y3 = vec4f();
  for (var k = 0u; k < p.K; k += DEPTH) {
    // Neighbouring threads read neighbouring addresses: along m in a, along n in b.
    panel_a[thread] = at_a(k + slow, group.y * 16 + fast);
    panel_b[thread] = at_b(k + slow, four);
    workgroupBarrier();
    for (var i = 0u; i < DEPTH; i++) {
      let x = panel_a[i * 16 + slow];
      let w = panel_b[i * 16 + fast];
      y0 = fma(vec4f(x.x), w, y0);
      y1 = fma(vec4f(x.y), w, y1);
      y2 = fma(vec4f(x.z), w, y2);
      y3 = fma(vec4f(x.w), w, y3);
    }
    workgroupBarrier();
  }
  store(m, four, y0);
  store(m + 1, four, y1);
  store(m + 2, four, y2);
  store(m + 3, four, y3);
}
