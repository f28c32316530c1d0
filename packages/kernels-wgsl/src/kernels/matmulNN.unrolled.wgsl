// y = a · b (+ bias). For products of some size on lavapipe: 1.3 to 1.6 times the `subgroup` variant.
// Written by scripts/unrolled.mjs. Op: core/src/ops/matmul.ts.
//
// As in the `subgroup` variant a workgroup is one subgroup of 8 lanes, that is one SIMD register; numbers of a are handed
// from lane to lane by a shuffle, from a lane the compiler does not know (`z0` is 0 at run time). But:
// - The tile has 32 × 32 results, so each number loaded serves twice as many. A lane owns 4 neighbouring columns.
// - Every load is of 4 neighbours: ten instructions a lane find out where, whether for one number or for four.
//   So N and K are multiples of 4.
// - Addresses are counted from k: what a loop carries from turn to turn is blended with a mask each time.
// At the edges lanes load the last rows or columns again and store them again, the same bits in the same places: to branch
// for each row would cost more.
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

/// This lane's columns in a row of tiles, by four.
fn columnsOf(place: u32, lane: u32) -> u32 {
  return min(place * 8 + lane, p.N / 4 - 1);
}

/// Columns 4n to 4n + 3 of the rows of this workgroup.
fn product(group: vec3u, z0: u32, lane: u32, n: u32, start: vec4f) {
  let top = group.x * 32;
  let width = p.N / 4;
  let depth = p.K / 4;
  let rows = min(top + lane + vec4u(0, 8, 16, 24), vec4u(p.M - 1)) * depth;
  let z1 = z0 + 1;
  let z2 = z0 + 2;
  let z3 = z0 + 3;
  let z4 = z0 + 4;
  let z5 = z0 + 5;
  let z6 = z0 + 6;
  let z7 = z0 + 7;
  var c0 = start;
  var c1 = start;
  var c2 = start;
  var c3 = start;
  var c4 = start;
  var c5 = start;
  var c6 = start;
  var c7 = start;
  var c8 = start;
  var c9 = start;
  var c10 = start;
  var c11 = start;
  var c12 = start;
  var c13 = start;
  var c14 = start;
  var c15 = start;
  var c16 = start;
  var c17 = start;
  var c18 = start;
  var c19 = start;
  var c20 = start;
  var c21 = start;
  var c22 = start;
  var c23 = start;
  var c24 = start;
  var c25 = start;
  var c26 = start;
  var c27 = start;
  var c28 = start;
  var c29 = start;
  var c30 = start;
  var c31 = start;
  for (var k = 0u; k < depth; k++) {
    let a0 = a[rows[0] + k];
    let a1 = a[rows[1] + k];
    let a2 = a[rows[2] + k];
    let a3 = a[rows[3] + k];
    let at = 4 * k * width + n;
    let w = mat4x4f(b[at], b[at + width], b[at + 2 * width], b[at + 3 * width]);
    c0 = accumulate(c0, subgroupShuffle(a0, z0), w);
    c1 = accumulate(c1, subgroupShuffle(a0, z1), w);
    c2 = accumulate(c2, subgroupShuffle(a0, z2), w);
    c3 = accumulate(c3, subgroupShuffle(a0, z3), w);
    c4 = accumulate(c4, subgroupShuffle(a0, z4), w);
    c5 = accumulate(c5, subgroupShuffle(a0, z5), w);
    c6 = accumulate(c6, subgroupShuffle(a0, z6), w);
    c7 = accumulate(c7, subgroupShuffle(a0, z7), w);
    c8 = accumulate(c8, subgroupShuffle(a1, z0), w);
    c9 = accumulate(c9, subgroupShuffle(a1, z1), w);
    c10 = accumulate(c10, subgroupShuffle(a1, z2), w);
    c11 = accumulate(c11, subgroupShuffle(a1, z3), w);
    c12 = accumulate(c12, subgroupShuffle(a1, z4), w);
    c13 = accumulate(c13, subgroupShuffle(a1, z5), w);
    c14 = accumulate(c14, subgroupShuffle(a1, z6), w);
    c15 = accumulate(c15, subgroupShuffle(a1, z7), w);
    c16 = accumulate(c16, subgroupShuffle(a2, z0), w);
    c17 = accumulate(c17, subgroupShuffle(a2, z1), w);
    c18 = accumulate(c18, subgroupShuffle(a2, z2), w);
    c19 = accumulate(c19, subgroupShuffle(a2, z3), w);
    c20 = accumulate(c20, subgroupShuffle(a2, z4), w);
    c21 = accumulate(c21, subgroupShuffle(a2, z5), w);
    c22 = accumulate(c22, subgroupShuffle(a2, z6), w);
    c23 = accumulate(c23, subgroupShuffle(a2, z7), w);
    c24 = accumulate(c24, subgroupShuffle(a3, z0), w);
    c25 = accumulate(c25, subgroupShuffle(a3, z1), w);
    c26 = accumulate(c26, subgroupShuffle(a3, z2), w);
    c27 = accumulate(c27, subgroupShuffle(a3, z3), w);
    c28 = accumulate(c28, subgroupShuffle(a3, z4), w);
    c29 = accumulate(c29, subgroupShuffle(a3, z5), w);
    c30 = accumulate(c30, subgroupShuffle(a3, z6), w);
    c31 = accumulate(c31, subgroupShuffle(a3, z7), w);
  }
  y[min(top + 0, p.M - 1) * width + n] = c0;
  y[min(top + 1, p.M - 1) * width + n] = c1;
  y[min(top + 2, p.M - 1) * width + n] = c2;
  y[min(top + 3, p.M - 1) * width + n] = c3;
  y[min(top + 4, p.M - 1) * width + n] = c4;
  y[min(top + 5, p.M - 1) * width + n] = c5;
  y[min(top + 6, p.M - 1) * width + n] = c6;
  y[min(top + 7, p.M - 1) * width + n] = c7;
  y[min(top + 8, p.M - 1) * width + n] = c8;
  y[min(top + 9, p.M - 1) * width + n] = c9;
  y[min(top + 10, p.M - 1) * width + n] = c10;
  y[min(top + 11, p.M - 1) * width + n] = c11;
  y[min(top + 12, p.M - 1) * width + n] = c12;
  y[min(top + 13, p.M - 1) * width + n] = c13;
  y[min(top + 14, p.M - 1) * width + n] = c14;
  y[min(top + 15, p.M - 1) * width + n] = c15;
  y[min(top + 16, p.M - 1) * width + n] = c16;
  y[min(top + 17, p.M - 1) * width + n] = c17;
  y[min(top + 18, p.M - 1) * width + n] = c18;
  y[min(top + 19, p.M - 1) * width + n] = c19;
  y[min(top + 20, p.M - 1) * width + n] = c20;
  y[min(top + 21, p.M - 1) * width + n] = c21;
  y[min(top + 22, p.M - 1) * width + n] = c22;
  y[min(top + 23, p.M - 1) * width + n] = c23;
  y[min(top + 24, p.M - 1) * width + n] = c24;
  y[min(top + 25, p.M - 1) * width + n] = c25;
  y[min(top + 26, p.M - 1) * width + n] = c26;
  y[min(top + 27, p.M - 1) * width + n] = c27;
  y[min(top + 28, p.M - 1) * width + n] = c28;
  y[min(top + 29, p.M - 1) * width + n] = c29;
  y[min(top + 30, p.M - 1) * width + n] = c30;
  y[min(top + 31, p.M - 1) * width + n] = c31;
}

@compute @workgroup_size(8)
fn forward(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  product(group, groups.z - 1, lane, columnsOf(group.y, lane), vec4f());
}

@compute @workgroup_size(8)
fn forward_bias(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let n = columnsOf(group.y, lane);
  product(group, groups.z - 1, lane, n, bias[n]);
}
