// y = a · b (+ bias). For up to 32 rows on a lavapipe of LLVM 22: 1.5 to 2.5 times the `subgroup` variant.
// Written by scripts/unrolled.mjs. Op: core/src/ops/matmul.ts.
//
// As in the `unrolled` variant a workgroup is one subgroup of 8 lanes, each row of its tile is a line, and numbers of the
// left factor go from lane to lane by a shuffle. But:
// - The tile has 16 × 64 results.
// - Loading b is what takes time. Its rows lie too far apart for a processor to guess which it will want, and loads of
//   eight lanes wait for one another. So lanes touch each cache line of it once, two turns before its numbers are
//   loaded. What they find goes into `fetched`, and that into an address, times 0, which no compiler knows.
// - N and K are multiples of 4.
// At the edges lanes load the last rows or columns again and store them again, the same bits in the same places.
enable subgroups;

struct Params { M: u32, N: u32, K: u32 }

@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read> a: array<vec4f>;       // [M, K / 4]
@group(0) @binding(2) var<storage, read> b: array<vec4f>;       // [K, N / 4]
@group(0) @binding(3) var<storage, read> bias: array<vec4f>;    // [N / 4]
@group(0) @binding(4) var<storage, read_write> y: array<vec4f>; // [M, N / 4]

/// sum + x · w over four k, one after the other.
fn accumulate(sum: vec4f, x: vec4f, w: mat4x4f) -> vec4f {
  return fma(vec4f(x.w), w[3], fma(vec4f(x.z), w[2], fma(vec4f(x.y), w[1], fma(vec4f(x.x), w[0], sum))));
}

/// The rows of this workgroup, and its columns from the four at `first` on.
fn product(group: vec3u, z0: u32, lane: u32, first: u32, start0: vec4f, start1: vec4f) {
  let top = group.x * 16;
  let width = p.N / 4;
  let depth = p.K / 4;
  let row0 = min(top + 0 + lane, p.M - 1) * depth;
  let row1 = min(top + 8 + lane, p.M - 1) * depth;
  let n0 = min(first + 0 + lane, width - 1);
  let n1 = min(first + 8 + lane, width - 1);
  let line = min(first + 4 * (lane % 4), width - 1);
  var fetched = 0u;
  let z1 = z0 + 1;
  let z2 = z0 + 2;
  let z3 = z0 + 3;
  let z4 = z0 + 4;
  let z5 = z0 + 5;
  let z6 = z0 + 6;
  let z7 = z0 + 7;
  var c0_0 = start0;
  var c0_1 = start1;
  var c1_0 = start0;
  var c1_1 = start1;
  var c2_0 = start0;
  var c2_1 = start1;
  var c3_0 = start0;
  var c3_1 = start1;
  var c4_0 = start0;
  var c4_1 = start1;
  var c5_0 = start0;
  var c5_1 = start1;
  var c6_0 = start0;
  var c6_1 = start1;
  var c7_0 = start0;
  var c7_1 = start1;
  var c8_0 = start0;
  var c8_1 = start1;
  var c9_0 = start0;
  var c9_1 = start1;
  var c10_0 = start0;
  var c10_1 = start1;
  var c11_0 = start0;
  var c11_1 = start1;
  var c12_0 = start0;
  var c12_1 = start1;
  var c13_0 = start0;
  var c13_1 = start1;
  var c14_0 = start0;
  var c14_1 = start1;
  var c15_0 = start0;
  var c15_1 = start1;
  for (var k = 0u; k < depth; k++) {
    fetched |= bitcast<u32>(b[min(4 * k + 8 + lane / 4, p.K - 1) * width + line].x);
    fetched |= bitcast<u32>(b[min(4 * k + 10 + lane / 4, p.K - 1) * width + line].x);
    let a0 = a[row0 + k];
    let a1 = a[row1 + k];
    let at0 = 4 * k * width + n0;
    let w0 = mat4x4f(b[at0], b[at0 + width], b[at0 + 2 * width], b[at0 + 3 * width]);
    let at1 = 4 * k * width + n1;
    let w1 = mat4x4f(b[at1], b[at1 + width], b[at1 + 2 * width], b[at1 + 3 * width]);
    let x0 = subgroupShuffle(a0, z0);
    c0_0 = accumulate(c0_0, x0, w0);
    c0_1 = accumulate(c0_1, x0, w1);
    let x1 = subgroupShuffle(a0, z1);
    c1_0 = accumulate(c1_0, x1, w0);
    c1_1 = accumulate(c1_1, x1, w1);
    let x2 = subgroupShuffle(a0, z2);
    c2_0 = accumulate(c2_0, x2, w0);
    c2_1 = accumulate(c2_1, x2, w1);
    let x3 = subgroupShuffle(a0, z3);
    c3_0 = accumulate(c3_0, x3, w0);
    c3_1 = accumulate(c3_1, x3, w1);
    let x4 = subgroupShuffle(a0, z4);
    c4_0 = accumulate(c4_0, x4, w0);
    c4_1 = accumulate(c4_1, x4, w1);
    let x5 = subgroupShuffle(a0, z5);
    c5_0 = accumulate(c5_0, x5, w0);
    c5_1 = accumulate(c5_1, x5, w1);
    let x6 = subgroupShuffle(a0, z6);
    c6_0 = accumulate(c6_0, x6, w0);
    c6_1 = accumulate(c6_1, x6, w1);
    let x7 = subgroupShuffle(a0, z7);
    c7_0 = accumulate(c7_0, x7, w0);
    c7_1 = accumulate(c7_1, x7, w1);
    let x8 = subgroupShuffle(a1, z0);
    c8_0 = accumulate(c8_0, x8, w0);
    c8_1 = accumulate(c8_1, x8, w1);
    let x9 = subgroupShuffle(a1, z1);
    c9_0 = accumulate(c9_0, x9, w0);
    c9_1 = accumulate(c9_1, x9, w1);
    let x10 = subgroupShuffle(a1, z2);
    c10_0 = accumulate(c10_0, x10, w0);
    c10_1 = accumulate(c10_1, x10, w1);
    let x11 = subgroupShuffle(a1, z3);
    c11_0 = accumulate(c11_0, x11, w0);
    c11_1 = accumulate(c11_1, x11, w1);
    let x12 = subgroupShuffle(a1, z4);
    c12_0 = accumulate(c12_0, x12, w0);
    c12_1 = accumulate(c12_1, x12, w1);
    let x13 = subgroupShuffle(a1, z5);
    c13_0 = accumulate(c13_0, x13, w0);
    c13_1 = accumulate(c13_1, x13, w1);
    let x14 = subgroupShuffle(a1, z6);
    c14_0 = accumulate(c14_0, x14, w0);
    c14_1 = accumulate(c14_1, x14, w1);
    let x15 = subgroupShuffle(a1, z7);
    c15_0 = accumulate(c15_0, x15, w0);
    c15_1 = accumulate(c15_1, x15, w1);
  }
  let nothing = fetched & z0;
  y[nothing + min(top + 0, p.M - 1) * width + n0] = c0_0;
  y[nothing + min(top + 0, p.M - 1) * width + n1] = c0_1;
  y[nothing + min(top + 1, p.M - 1) * width + n0] = c1_0;
  y[nothing + min(top + 1, p.M - 1) * width + n1] = c1_1;
  y[nothing + min(top + 2, p.M - 1) * width + n0] = c2_0;
  y[nothing + min(top + 2, p.M - 1) * width + n1] = c2_1;
  y[nothing + min(top + 3, p.M - 1) * width + n0] = c3_0;
  y[nothing + min(top + 3, p.M - 1) * width + n1] = c3_1;
  y[nothing + min(top + 4, p.M - 1) * width + n0] = c4_0;
  y[nothing + min(top + 4, p.M - 1) * width + n1] = c4_1;
  y[nothing + min(top + 5, p.M - 1) * width + n0] = c5_0;
  y[nothing + min(top + 5, p.M - 1) * width + n1] = c5_1;
  y[nothing + min(top + 6, p.M - 1) * width + n0] = c6_0;
  y[nothing + min(top + 6, p.M - 1) * width + n1] = c6_1;
  y[nothing + min(top + 7, p.M - 1) * width + n0] = c7_0;
  y[nothing + min(top + 7, p.M - 1) * width + n1] = c7_1;
  y[nothing + min(top + 8, p.M - 1) * width + n0] = c8_0;
  y[nothing + min(top + 8, p.M - 1) * width + n1] = c8_1;
  y[nothing + min(top + 9, p.M - 1) * width + n0] = c9_0;
  y[nothing + min(top + 9, p.M - 1) * width + n1] = c9_1;
  y[nothing + min(top + 10, p.M - 1) * width + n0] = c10_0;
  y[nothing + min(top + 10, p.M - 1) * width + n1] = c10_1;
  y[nothing + min(top + 11, p.M - 1) * width + n0] = c11_0;
  y[nothing + min(top + 11, p.M - 1) * width + n1] = c11_1;
  y[nothing + min(top + 12, p.M - 1) * width + n0] = c12_0;
  y[nothing + min(top + 12, p.M - 1) * width + n1] = c12_1;
  y[nothing + min(top + 13, p.M - 1) * width + n0] = c13_0;
  y[nothing + min(top + 13, p.M - 1) * width + n1] = c13_1;
  y[nothing + min(top + 14, p.M - 1) * width + n0] = c14_0;
  y[nothing + min(top + 14, p.M - 1) * width + n1] = c14_1;
  y[nothing + min(top + 15, p.M - 1) * width + n0] = c15_0;
  y[nothing + min(top + 15, p.M - 1) * width + n1] = c15_1;
}

@compute @workgroup_size(8)
fn forward(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  product(group, groups.z - 1, lane, group.y * 16, vec4f(), vec4f());
}

@compute @workgroup_size(8)
fn forward_bias(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let width = p.N / 4;
  let first = group.y * 16;
  product(group, groups.z - 1, lane, first, bias[min(first + 0 + lane, width - 1)], bias[min(first + 8 + lane, width - 1)]);
}
