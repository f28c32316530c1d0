// y = aᵀ · b. For products of some size on lavapipe: 1.3 to 1.6 times the `subgroup` variant.
// Written by scripts/unrolled.mjs. Op: core/src/ops/matmul.ts.
//
// As in the `subgroup` variant a workgroup is one subgroup of 8 lanes, that is one SIMD register; numbers of a are handed
// from lane to lane by a shuffle, from a lane the compiler does not know (`z0` is 0 at run time). But:
// - The tile has 32 × 32 results, so each number loaded serves twice as many. A lane owns 4 neighbouring columns.
// - Every load is of 4 neighbours: ten instructions a lane find out where, whether for one number or for four.
//   So M and N are multiples of 4.
// - Addresses are counted from k: what a loop carries from turn to turn is blended with a mask each time.
// At the edges lanes load the last rows or columns again and store them again, the same bits in the same places: to branch
// for each row would cost more.
enable subgroups;

struct Params { M: u32, N: u32, K: u32 }

@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read> a: array<vec4f>;       // [K, M / 4]
@group(0) @binding(2) var<storage, read> b: array<vec4f>;       // [K, N / 4]
@group(0) @binding(3) var<storage, read_write> y: array<vec4f>; // [M, N / 4]

/// sum + x · w over four k, one after the other.
fn accumulate(sum: vec4f, x: vec4f, w: mat4x4f) -> vec4f {
  return fma(vec4f(x.w), w[3], fma(vec4f(x.z), w[2], fma(vec4f(x.y), w[1], fma(vec4f(x.x), w[0], sum))));
}

/// This lane's columns in a row of tiles, by four.
fn columnsOf(place: u32, lane: u32) -> u32 {
  return min(place * 8 + lane, p.N / 4 - 1);
}

@compute @workgroup_size(8)
fn forward(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let top = group.x * 8;
  let width = p.N / 4;
  let height = p.M / 4;
  let m = min(top + lane, height - 1);
  let n = columnsOf(group.y, lane);
  let z0 = groups.z - 1;
  let z1 = z0 + 1;
  let z2 = z0 + 2;
  let z3 = z0 + 3;
  let z4 = z0 + 4;
  let z5 = z0 + 5;
  let z6 = z0 + 6;
  let z7 = z0 + 7;
  var c0 = vec4f();
  var c1 = vec4f();
  var c2 = vec4f();
  var c3 = vec4f();
  var c4 = vec4f();
  var c5 = vec4f();
  var c6 = vec4f();
  var c7 = vec4f();
  var c8 = vec4f();
  var c9 = vec4f();
  var c10 = vec4f();
  var c11 = vec4f();
  var c12 = vec4f();
  var c13 = vec4f();
  var c14 = vec4f();
  var c15 = vec4f();
  var c16 = vec4f();
  var c17 = vec4f();
  var c18 = vec4f();
  var c19 = vec4f();
  var c20 = vec4f();
  var c21 = vec4f();
  var c22 = vec4f();
  var c23 = vec4f();
  var c24 = vec4f();
  var c25 = vec4f();
  var c26 = vec4f();
  var c27 = vec4f();
  var c28 = vec4f();
  var c29 = vec4f();
  var c30 = vec4f();
  var c31 = vec4f();
  let fours = p.K - p.K % 4;
  for (var k = 0u; k < fours; k += 4) {
    let at = k * height + m;
    let a0 = a[at];
    let a1 = a[at + height];
    let a2 = a[at + 2 * height];
    let a3 = a[at + 3 * height];
    let row = k * width + n;
    let w = mat4x4f(b[row], b[row + width], b[row + 2 * width], b[row + 3 * width]);
    let x0 = transpose(mat4x4f(subgroupShuffle(a0, z0), subgroupShuffle(a1, z0), subgroupShuffle(a2, z0), subgroupShuffle(a3, z0)));
    c0 = accumulate(c0, x0[0], w);
    c1 = accumulate(c1, x0[1], w);
    c2 = accumulate(c2, x0[2], w);
    c3 = accumulate(c3, x0[3], w);
    let x1 = transpose(mat4x4f(subgroupShuffle(a0, z1), subgroupShuffle(a1, z1), subgroupShuffle(a2, z1), subgroupShuffle(a3, z1)));
    c4 = accumulate(c4, x1[0], w);
    c5 = accumulate(c5, x1[1], w);
    c6 = accumulate(c6, x1[2], w);
    c7 = accumulate(c7, x1[3], w);
    let x2 = transpose(mat4x4f(subgroupShuffle(a0, z2), subgroupShuffle(a1, z2), subgroupShuffle(a2, z2), subgroupShuffle(a3, z2)));
    c8 = accumulate(c8, x2[0], w);
    c9 = accumulate(c9, x2[1], w);
    c10 = accumulate(c10, x2[2], w);
    c11 = accumulate(c11, x2[3], w);
    let x3 = transpose(mat4x4f(subgroupShuffle(a0, z3), subgroupShuffle(a1, z3), subgroupShuffle(a2, z3), subgroupShuffle(a3, z3)));
    c12 = accumulate(c12, x3[0], w);
    c13 = accumulate(c13, x3[1], w);
    c14 = accumulate(c14, x3[2], w);
    c15 = accumulate(c15, x3[3], w);
    let x4 = transpose(mat4x4f(subgroupShuffle(a0, z4), subgroupShuffle(a1, z4), subgroupShuffle(a2, z4), subgroupShuffle(a3, z4)));
    c16 = accumulate(c16, x4[0], w);
    c17 = accumulate(c17, x4[1], w);
    c18 = accumulate(c18, x4[2], w);
    c19 = accumulate(c19, x4[3], w);
    let x5 = transpose(mat4x4f(subgroupShuffle(a0, z5), subgroupShuffle(a1, z5), subgroupShuffle(a2, z5), subgroupShuffle(a3, z5)));
    c20 = accumulate(c20, x5[0], w);
    c21 = accumulate(c21, x5[1], w);
    c22 = accumulate(c22, x5[2], w);
    c23 = accumulate(c23, x5[3], w);
    let x6 = transpose(mat4x4f(subgroupShuffle(a0, z6), subgroupShuffle(a1, z6), subgroupShuffle(a2, z6), subgroupShuffle(a3, z6)));
    c24 = accumulate(c24, x6[0], w);
    c25 = accumulate(c25, x6[1], w);
    c26 = accumulate(c26, x6[2], w);
    c27 = accumulate(c27, x6[3], w);
    let x7 = transpose(mat4x4f(subgroupShuffle(a0, z7), subgroupShuffle(a1, z7), subgroupShuffle(a2, z7), subgroupShuffle(a3, z7)));
    c28 = accumulate(c28, x7[0], w);
    c29 = accumulate(c29, x7[1], w);
    c30 = accumulate(c30, x7[2], w);
    c31 = accumulate(c31, x7[3], w);
  }
  for (var k = fours; k < p.K; k++) {
    let a0 = a[k * height + m];
    let w = b[k * width + n];
    let x0 = subgroupShuffle(a0, z0);
    c0 = fma(vec4f(x0[0]), w, c0);
    c1 = fma(vec4f(x0[1]), w, c1);
    c2 = fma(vec4f(x0[2]), w, c2);
    c3 = fma(vec4f(x0[3]), w, c3);
    let x1 = subgroupShuffle(a0, z1);
    c4 = fma(vec4f(x1[0]), w, c4);
    c5 = fma(vec4f(x1[1]), w, c5);
    c6 = fma(vec4f(x1[2]), w, c6);
    c7 = fma(vec4f(x1[3]), w, c7);
    let x2 = subgroupShuffle(a0, z2);
    c8 = fma(vec4f(x2[0]), w, c8);
    c9 = fma(vec4f(x2[1]), w, c9);
    c10 = fma(vec4f(x2[2]), w, c10);
    c11 = fma(vec4f(x2[3]), w, c11);
    let x3 = subgroupShuffle(a0, z3);
    c12 = fma(vec4f(x3[0]), w, c12);
    c13 = fma(vec4f(x3[1]), w, c13);
    c14 = fma(vec4f(x3[2]), w, c14);
    c15 = fma(vec4f(x3[3]), w, c15);
    let x4 = subgroupShuffle(a0, z4);
    c16 = fma(vec4f(x4[0]), w, c16);
    c17 = fma(vec4f(x4[1]), w, c17);
    c18 = fma(vec4f(x4[2]), w, c18);
    c19 = fma(vec4f(x4[3]), w, c19);
    let x5 = subgroupShuffle(a0, z5);
    c20 = fma(vec4f(x5[0]), w, c20);
    c21 = fma(vec4f(x5[1]), w, c21);
    c22 = fma(vec4f(x5[2]), w, c22);
    c23 = fma(vec4f(x5[3]), w, c23);
    let x6 = subgroupShuffle(a0, z6);
    c24 = fma(vec4f(x6[0]), w, c24);
    c25 = fma(vec4f(x6[1]), w, c25);
    c26 = fma(vec4f(x6[2]), w, c26);
    c27 = fma(vec4f(x6[3]), w, c27);
    let x7 = subgroupShuffle(a0, z7);
    c28 = fma(vec4f(x7[0]), w, c28);
    c29 = fma(vec4f(x7[1]), w, c29);
    c30 = fma(vec4f(x7[2]), w, c30);
    c31 = fma(vec4f(x7[3]), w, c31);
  }
  let at0 = 4 * min(top + 0, height - 1) * width + n;
  y[at0 + 0 * width] = c0;
  y[at0 + 1 * width] = c1;
  y[at0 + 2 * width] = c2;
  y[at0 + 3 * width] = c3;
  let at1 = 4 * min(top + 1, height - 1) * width + n;
  y[at1 + 0 * width] = c4;
  y[at1 + 1 * width] = c5;
  y[at1 + 2 * width] = c6;
  y[at1 + 3 * width] = c7;
  let at2 = 4 * min(top + 2, height - 1) * width + n;
  y[at2 + 0 * width] = c8;
  y[at2 + 1 * width] = c9;
  y[at2 + 2 * width] = c10;
  y[at2 + 3 * width] = c11;
  let at3 = 4 * min(top + 3, height - 1) * width + n;
  y[at3 + 0 * width] = c12;
  y[at3 + 1 * width] = c13;
  y[at3 + 2 * width] = c14;
  y[at3 + 3 * width] = c15;
  let at4 = 4 * min(top + 4, height - 1) * width + n;
  y[at4 + 0 * width] = c16;
  y[at4 + 1 * width] = c17;
  y[at4 + 2 * width] = c18;
  y[at4 + 3 * width] = c19;
  let at5 = 4 * min(top + 5, height - 1) * width + n;
  y[at5 + 0 * width] = c20;
  y[at5 + 1 * width] = c21;
  y[at5 + 2 * width] = c22;
  y[at5 + 3 * width] = c23;
  let at6 = 4 * min(top + 6, height - 1) * width + n;
  y[at6 + 0 * width] = c24;
  y[at6 + 1 * width] = c25;
  y[at6 + 2 * width] = c26;
  y[at6 + 3 * width] = c27;
  let at7 = 4 * min(top + 7, height - 1) * width + n;
  y[at7 + 0 * width] = c28;
  y[at7 + 1 * width] = c29;
  y[at7 + 2 * width] = c30;
  y[at7 + 3 * width] = c31;
}
