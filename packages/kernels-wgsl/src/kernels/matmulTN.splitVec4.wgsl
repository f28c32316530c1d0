// y = aᵀ · b, where M and N are multiples of 4. For GPUs where M and N fill few workgroups and K is long: the `split` variant
// with loads and stores of four numbers. A workgroup takes one of S parts of a block as matmulTN.tiledVec4 takes a block,
// and a second pass adds the parts in their order. The bits are those of `split`. Op: core/src/ops/matmul.ts
struct Params { M: u32, N: u32, K: u32, S: u32 }
const DEPTH = 16u; // k of a panel

@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read> a: array<vec4f>;           // [K, M / 4]
@group(0) @binding(2) var<storage, read> b: array<vec4f>;           // [K, N / 4]
@group(0) @binding(3) var<storage, read_write> parts: array<vec4f>; // [S, M, N / 4]
@group(0) @binding(4) var<storage, read> parts_in: array<vec4f>;    // [S, M, N / 4]
@group(0) @binding(5) var<storage, read_write> y: array<vec4f>;     // [M, N / 4]

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

fn store(part: u32, m: u32, four: u32, sum: vec4f) {
  if (m < p.M && four < p.N / 4) { parts[(part * p.M + m) * (p.N / 4) + four] = sum; }
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
  var y0 = vec4f();
  var y1 = vec4f();
  var y2 = vec4f();
  var y3 = vec4f();
  for (var k = group.z * partDepth(); k < end; k += DEPTH) {
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
