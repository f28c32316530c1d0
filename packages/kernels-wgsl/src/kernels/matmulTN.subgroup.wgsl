// y = aᵀ · b. For a CPU that plays the GPU, lavapipe or SwiftShader: 10 to 15 times the naive kernel.
// Op: core/src/ops/matmul.ts.
//
// There a subgroup is one SIMD register and a workgroup one subgroup. What costs is loads: each is a gather, lane by lane,
// even where lanes read neighbours, and a load that is the same for all lanes takes a dozen scalar instructions. So:
// - A workgroup keeps a tile of 2·LANES rows × 4·LANES columns in registers; a lane owns 4 columns, LANES apart.
// - The four next k of a column of a are loaded by one lane, LANES columns at once, and handed to all lanes by a shuffle.
// - The lane shuffled from is not a constant for the compiler (`first` is 0 at run time): a known lane becomes two
//   shuffles, an unknown one a single vpermd.
// - No workgroup memory: a barrier there spills every variable. Rows are unrolled by hand, since SwiftShader leaves
//   arrays and loops as they are (half the speed); LLVM does not mind.
// At the edges lanes load the last row or column again, and do not store it; a k beyond the last counts as 0.
enable subgroups;

struct Params { M: u32, N: u32, K: u32 }
override LANES: u32 = 8; // of the adapter's subgroups: 4 or 8

@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read> a: array<f32>;       // [K, M]
@group(0) @binding(2) var<storage, read> b: array<f32>;       // [K, N]
@group(0) @binding(3) var<storage, read_write> y: array<f32>; // [M, N]

/// This lane's columns of the workgroup's tile.
fn columns(group: vec3u, lane: u32) -> vec4u {
  return group.y * 4u * LANES + lane + LANES * vec4u(0, 1, 2, 3);
}

/// Row k of b, in these columns.
fn row(k: u32, n: vec4u) -> vec4f {
  let at = k * p.N + n;
  return vec4f(b[at.x], b[at.y], b[at.z], b[at.w]);
}

/// Column m of a, in these rows.
fn column(k: vec4u, m: u32) -> vec4f {
  let at = k * p.M + m;
  return vec4f(a[at.x], a[at.y], a[at.z], a[at.w]);
}

/// sum + x · w over four k, one after the other.
fn accumulate(sum: vec4f, x: vec4f, w: mat4x4f) -> vec4f {
  return fma(vec4f(x.w), w[3], fma(vec4f(x.z), w[2], fma(vec4f(x.y), w[1], fma(vec4f(x.x), w[0], sum))));
}

fn store(m: u32, n: vec4u, sum: vec4f) {
  if (m >= p.M) { return; }
  let at = m * p.N + n;
  if (n.x < p.N) { y[at.x] = sum.x; }
  if (n.y < p.N) { y[at.y] = sum.y; }
  if (n.z < p.N) { y[at.z] = sum.z; }
  if (n.w < p.N) { y[at.w] = sum.w; }
}

fn tile(group: vec3u, first: u32, lane: u32) {
  let m = group.x * 2u * LANES;
  let n = columns(group, lane);
  let inside = min(n, vec4u(p.N - 1));
  let low = min(m + lane, p.M - 1);
  let high = min(m + LANES + lane, p.M - 1);
  var l0 = vec4f();
  var l1 = vec4f();
  var l2 = vec4f();
  var l3 = vec4f();
  var l4 = vec4f();
  var l5 = vec4f();
  var l6 = vec4f();
  var l7 = vec4f();
  var h0 = vec4f();
  var h1 = vec4f();
  var h2 = vec4f();
  var h3 = vec4f();
  var h4 = vec4f();
  var h5 = vec4f();
  var h6 = vec4f();
  var h7 = vec4f();
  for (var i = 0u; i < p.K; i += 4) {
    let past = vec4u(i, i + 1, i + 2, i + 3);
    let k = min(past, vec4u(p.K - 1));
    let l = select(vec4f(), column(k, low), past == k);
    let h = select(vec4f(), column(k, high), past == k);
    let w = mat4x4f(row(k.x, inside), row(k.y, inside), row(k.z, inside), row(k.w, inside));
    l0 = accumulate(l0, subgroupShuffle(l, first), w);
    l1 = accumulate(l1, subgroupShuffle(l, first + 1), w);
    l2 = accumulate(l2, subgroupShuffle(l, first + 2), w);
    l3 = accumulate(l3, subgroupShuffle(l, first + 3), w);
    h0 = accumulate(h0, subgroupShuffle(h, first), w);
    h1 = accumulate(h1, subgroupShuffle(h, first + 1), w);
    h2 = accumulate(h2, subgroupShuffle(h, first + 2), w);
    h3 = accumulate(h3, subgroupShuffle(h, first + 3), w);
    if (LANES == 8) {
      l4 = accumulate(l4, subgroupShuffle(l, first + 4), w);
      l5 = accumulate(l5, subgroupShuffle(l, first + 5), w);
      l6 = accumulate(l6, subgroupShuffle(l, first + 6), w);
      l7 = accumulate(l7, subgroupShuffle(l, first + 7), w);
      h4 = accumulate(h4, subgroupShuffle(h, first + 4), w);
      h5 = accumulate(h5, subgroupShuffle(h, first + 5), w);
      h6 = accumulate(h6, subgroupShuffle(h, first + 6), w);
      h7 = accumulate(h7, subgroupShuffle(h, first + 7), w);
    }
  }
  store(m, n, l0);
  store(m + 1, n, l1);
  store(m + 2, n, l2);
  store(m + 3, n, l3);
  store(m + LANES, n, h0);
  store(m + LANES + 1, n, h1);
  store(m + LANES + 2, n, h2);
  store(m + LANES + 3, n, h3);
  if (LANES == 8) {
    store(m + 4, n, l4);
    store(m + 5, n, l5);
    store(m + 6, n, l6);
    store(m + 7, n, l7);
    store(m + LANES + 4, n, h4);
    store(m + LANES + 5, n, h5);
    store(m + LANES + 6, n, h6);
    store(m + LANES + 7, n, h7);
  }
}

@compute @workgroup_size(LANES)
fn forward(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  tile(group, groups.z - 1, lane);
}
