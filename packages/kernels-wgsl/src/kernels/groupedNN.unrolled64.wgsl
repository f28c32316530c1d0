// y = x · w for each group. For products of some size on a lavapipe of LLVM 22: 1.15 to 1.3 times the `unrolled` variant.
// Written by scripts/unrolled.mjs. Op: core/src/ops/grouped.ts.
//
// As in the `unrolled` variant a workgroup is one subgroup of 8 lanes, each row of its tile is a line, and numbers of the
// left factor go from lane to lane by a shuffle. But:
// - The tile has 64 × 32 results, so each number of the right factor serves twice as many. LLVM 15 compiles that for seconds.
// - A lane owns columns 8 apart: there a load is one gather for each component, fastest where lanes read neighbours.
// - E is a multiple of 4, and D at least 32.
// At the edges lanes load the last rows or columns again and store them again, the same bits in the same places.
enable subgroups;

struct Params { N: u32, G: u32, E: u32, D: u32 }

@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read> x: array<vec4f>;     // [N, G, E / 4]
@group(0) @binding(2) var<storage, read> w: array<f32>;       // [G, E, D]
@group(0) @binding(3) var<storage, read_write> y: array<f32>; // [G, N, D]

/// sum + x · w over four k, one after the other.
fn accumulate(sum: vec4f, x: vec4f, w: mat4x4f) -> vec4f {
  return fma(vec4f(x.w), w[3], fma(vec4f(x.z), w[2], fma(vec4f(x.y), w[1], fma(vec4f(x.x), w[0], sum))));
}

/// The first of this lane's columns. The last tile begins early enough to be whole.
fn columnOf(place: u32, lane: u32) -> u32 {
  return min(place * 32, p.D - 32) + lane;
}

/// Four rows of w, in the column that `at` is in the first of.
fn down(at: u32) -> vec4f { return vec4f(w[at], w[at + p.D], w[at + 2 * p.D], w[at + 3 * p.D]); }

fn store(at: u32, sum: vec4f) {
  y[at] = sum.x;
  y[at + 8] = sum.y;
  y[at + 16] = sum.z;
  y[at + 24] = sum.w;
}

@compute @workgroup_size(8)
fn forward(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let top = group.x * 64;
  let tiles = groups.y / p.G;
  let g = group.y / tiles;
  let n = columnOf(group.y % tiles, lane);
  let depth = p.E / 4;
  let z0 = groups.z - 1;
  let row0 = (min(top + 0 + lane, p.N - 1) * p.G + g) * depth;
  let row1 = (min(top + 8 + lane, p.N - 1) * p.G + g) * depth;
  let row2 = (min(top + 16 + lane, p.N - 1) * p.G + g) * depth;
  let row3 = (min(top + 24 + lane, p.N - 1) * p.G + g) * depth;
  let row4 = (min(top + 32 + lane, p.N - 1) * p.G + g) * depth;
  let row5 = (min(top + 40 + lane, p.N - 1) * p.G + g) * depth;
  let row6 = (min(top + 48 + lane, p.N - 1) * p.G + g) * depth;
  let row7 = (min(top + 56 + lane, p.N - 1) * p.G + g) * depth;
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
  var c32 = vec4f();
  var c33 = vec4f();
  var c34 = vec4f();
  var c35 = vec4f();
  var c36 = vec4f();
  var c37 = vec4f();
  var c38 = vec4f();
  var c39 = vec4f();
  var c40 = vec4f();
  var c41 = vec4f();
  var c42 = vec4f();
  var c43 = vec4f();
  var c44 = vec4f();
  var c45 = vec4f();
  var c46 = vec4f();
  var c47 = vec4f();
  var c48 = vec4f();
  var c49 = vec4f();
  var c50 = vec4f();
  var c51 = vec4f();
  var c52 = vec4f();
  var c53 = vec4f();
  var c54 = vec4f();
  var c55 = vec4f();
  var c56 = vec4f();
  var c57 = vec4f();
  var c58 = vec4f();
  var c59 = vec4f();
  var c60 = vec4f();
  var c61 = vec4f();
  var c62 = vec4f();
  var c63 = vec4f();
  for (var k = 0u; k < depth; k++) {
    let a0 = x[row0 + k];
    let a1 = x[row1 + k];
    let a2 = x[row2 + k];
    let a3 = x[row3 + k];
    let a4 = x[row4 + k];
    let a5 = x[row5 + k];
    let a6 = x[row6 + k];
    let a7 = x[row7 + k];
    let at = (g * p.E + 4 * k) * p.D + n;
    let weights = transpose(mat4x4f(down(at), down(at + 8), down(at + 16), down(at + 24)));
    c0 = accumulate(c0, subgroupShuffle(a0, z0), weights);
    c1 = accumulate(c1, subgroupShuffle(a0, z1), weights);
    c2 = accumulate(c2, subgroupShuffle(a0, z2), weights);
    c3 = accumulate(c3, subgroupShuffle(a0, z3), weights);
    c4 = accumulate(c4, subgroupShuffle(a0, z4), weights);
    c5 = accumulate(c5, subgroupShuffle(a0, z5), weights);
    c6 = accumulate(c6, subgroupShuffle(a0, z6), weights);
    c7 = accumulate(c7, subgroupShuffle(a0, z7), weights);
    c8 = accumulate(c8, subgroupShuffle(a1, z0), weights);
    c9 = accumulate(c9, subgroupShuffle(a1, z1), weights);
    c10 = accumulate(c10, subgroupShuffle(a1, z2), weights);
    c11 = accumulate(c11, subgroupShuffle(a1, z3), weights);
    c12 = accumulate(c12, subgroupShuffle(a1, z4), weights);
    c13 = accumulate(c13, subgroupShuffle(a1, z5), weights);
    c14 = accumulate(c14, subgroupShuffle(a1, z6), weights);
    c15 = accumulate(c15, subgroupShuffle(a1, z7), weights);
    c16 = accumulate(c16, subgroupShuffle(a2, z0), weights);
    c17 = accumulate(c17, subgroupShuffle(a2, z1), weights);
    c18 = accumulate(c18, subgroupShuffle(a2, z2), weights);
    c19 = accumulate(c19, subgroupShuffle(a2, z3), weights);
    c20 = accumulate(c20, subgroupShuffle(a2, z4), weights);
    c21 = accumulate(c21, subgroupShuffle(a2, z5), weights);
    c22 = accumulate(c22, subgroupShuffle(a2, z6), weights);
    c23 = accumulate(c23, subgroupShuffle(a2, z7), weights);
    c24 = accumulate(c24, subgroupShuffle(a3, z0), weights);
    c25 = accumulate(c25, subgroupShuffle(a3, z1), weights);
    c26 = accumulate(c26, subgroupShuffle(a3, z2), weights);
    c27 = accumulate(c27, subgroupShuffle(a3, z3), weights);
    c28 = accumulate(c28, subgroupShuffle(a3, z4), weights);
    c29 = accumulate(c29, subgroupShuffle(a3, z5), weights);
    c30 = accumulate(c30, subgroupShuffle(a3, z6), weights);
    c31 = accumulate(c31, subgroupShuffle(a3, z7), weights);
    c32 = accumulate(c32, subgroupShuffle(a4, z0), weights);
    c33 = accumulate(c33, subgroupShuffle(a4, z1), weights);
    c34 = accumulate(c34, subgroupShuffle(a4, z2), weights);
    c35 = accumulate(c35, subgroupShuffle(a4, z3), weights);
    c36 = accumulate(c36, subgroupShuffle(a4, z4), weights);
    c37 = accumulate(c37, subgroupShuffle(a4, z5), weights);
    c38 = accumulate(c38, subgroupShuffle(a4, z6), weights);
    c39 = accumulate(c39, subgroupShuffle(a4, z7), weights);
    c40 = accumulate(c40, subgroupShuffle(a5, z0), weights);
    c41 = accumulate(c41, subgroupShuffle(a5, z1), weights);
    c42 = accumulate(c42, subgroupShuffle(a5, z2), weights);
    c43 = accumulate(c43, subgroupShuffle(a5, z3), weights);
    c44 = accumulate(c44, subgroupShuffle(a5, z4), weights);
    c45 = accumulate(c45, subgroupShuffle(a5, z5), weights);
    c46 = accumulate(c46, subgroupShuffle(a5, z6), weights);
    c47 = accumulate(c47, subgroupShuffle(a5, z7), weights);
    c48 = accumulate(c48, subgroupShuffle(a6, z0), weights);
    c49 = accumulate(c49, subgroupShuffle(a6, z1), weights);
    c50 = accumulate(c50, subgroupShuffle(a6, z2), weights);
    c51 = accumulate(c51, subgroupShuffle(a6, z3), weights);
    c52 = accumulate(c52, subgroupShuffle(a6, z4), weights);
    c53 = accumulate(c53, subgroupShuffle(a6, z5), weights);
    c54 = accumulate(c54, subgroupShuffle(a6, z6), weights);
    c55 = accumulate(c55, subgroupShuffle(a6, z7), weights);
    c56 = accumulate(c56, subgroupShuffle(a7, z0), weights);
    c57 = accumulate(c57, subgroupShuffle(a7, z1), weights);
    c58 = accumulate(c58, subgroupShuffle(a7, z2), weights);
    c59 = accumulate(c59, subgroupShuffle(a7, z3), weights);
    c60 = accumulate(c60, subgroupShuffle(a7, z4), weights);
    c61 = accumulate(c61, subgroupShuffle(a7, z5), weights);
    c62 = accumulate(c62, subgroupShuffle(a7, z6), weights);
    c63 = accumulate(c63, subgroupShuffle(a7, z7), weights);
  }
  store((g * p.N + min(top + 0, p.N - 1)) * p.D + n, c0);
  store((g * p.N + min(top + 1, p.N - 1)) * p.D + n, c1);
  store((g * p.N + min(top + 2, p.N - 1)) * p.D + n, c2);
  store((g * p.N + min(top + 3, p.N - 1)) * p.D + n, c3);
  store((g * p.N + min(top + 4, p.N - 1)) * p.D + n, c4);
  store((g * p.N + min(top + 5, p.N - 1)) * p.D + n, c5);
  store((g * p.N + min(top + 6, p.N - 1)) * p.D + n, c6);
  store((g * p.N + min(top + 7, p.N - 1)) * p.D + n, c7);
  store((g * p.N + min(top + 8, p.N - 1)) * p.D + n, c8);
  store((g * p.N + min(top + 9, p.N - 1)) * p.D + n, c9);
  store((g * p.N + min(top + 10, p.N - 1)) * p.D + n, c10);
  store((g * p.N + min(top + 11, p.N - 1)) * p.D + n, c11);
  store((g * p.N + min(top + 12, p.N - 1)) * p.D + n, c12);
  store((g * p.N + min(top + 13, p.N - 1)) * p.D + n, c13);
  store((g * p.N + min(top + 14, p.N - 1)) * p.D + n, c14);
  store((g * p.N + min(top + 15, p.N - 1)) * p.D + n, c15);
  store((g * p.N + min(top + 16, p.N - 1)) * p.D + n, c16);
  store((g * p.N + min(top + 17, p.N - 1)) * p.D + n, c17);
  store((g * p.N + min(top + 18, p.N - 1)) * p.D + n, c18);
  store((g * p.N + min(top + 19, p.N - 1)) * p.D + n, c19);
  store((g * p.N + min(top + 20, p.N - 1)) * p.D + n, c20);
  store((g * p.N + min(top + 21, p.N - 1)) * p.D + n, c21);
  store((g * p.N + min(top + 22, p.N - 1)) * p.D + n, c22);
  store((g * p.N + min(top + 23, p.N - 1)) * p.D + n, c23);
  store((g * p.N + min(top + 24, p.N - 1)) * p.D + n, c24);
  store((g * p.N + min(top + 25, p.N - 1)) * p.D + n, c25);
  store((g * p.N + min(top + 26, p.N - 1)) * p.D + n, c26);
  store((g * p.N + min(top + 27, p.N - 1)) * p.D + n, c27);
  store((g * p.N + min(top + 28, p.N - 1)) * p.D + n, c28);
  store((g * p.N + min(top + 29, p.N - 1)) * p.D + n, c29);
  store((g * p.N + min(top + 30, p.N - 1)) * p.D + n, c30);
  store((g * p.N + min(top + 31, p.N - 1)) * p.D + n, c31);
  store((g * p.N + min(top + 32, p.N - 1)) * p.D + n, c32);
  store((g * p.N + min(top + 33, p.N - 1)) * p.D + n, c33);
  store((g * p.N + min(top + 34, p.N - 1)) * p.D + n, c34);
  store((g * p.N + min(top + 35, p.N - 1)) * p.D + n, c35);
  store((g * p.N + min(top + 36, p.N - 1)) * p.D + n, c36);
  store((g * p.N + min(top + 37, p.N - 1)) * p.D + n, c37);
  store((g * p.N + min(top + 38, p.N - 1)) * p.D + n, c38);
  store((g * p.N + min(top + 39, p.N - 1)) * p.D + n, c39);
  store((g * p.N + min(top + 40, p.N - 1)) * p.D + n, c40);
  store((g * p.N + min(top + 41, p.N - 1)) * p.D + n, c41);
  store((g * p.N + min(top + 42, p.N - 1)) * p.D + n, c42);
  store((g * p.N + min(top + 43, p.N - 1)) * p.D + n, c43);
  store((g * p.N + min(top + 44, p.N - 1)) * p.D + n, c44);
  store((g * p.N + min(top + 45, p.N - 1)) * p.D + n, c45);
  store((g * p.N + min(top + 46, p.N - 1)) * p.D + n, c46);
  store((g * p.N + min(top + 47, p.N - 1)) * p.D + n, c47);
  store((g * p.N + min(top + 48, p.N - 1)) * p.D + n, c48);
  store((g * p.N + min(top + 49, p.N - 1)) * p.D + n, c49);
  store((g * p.N + min(top + 50, p.N - 1)) * p.D + n, c50);
  store((g * p.N + min(top + 51, p.N - 1)) * p.D + n, c51);
  store((g * p.N + min(top + 52, p.N - 1)) * p.D + n, c52);
  store((g * p.N + min(top + 53, p.N - 1)) * p.D + n, c53);
  store((g * p.N + min(top + 54, p.N - 1)) * p.D + n, c54);
  store((g * p.N + min(top + 55, p.N - 1)) * p.D + n, c55);
  store((g * p.N + min(top + 56, p.N - 1)) * p.D + n, c56);
  store((g * p.N + min(top + 57, p.N - 1)) * p.D + n, c57);
  store((g * p.N + min(top + 58, p.N - 1)) * p.D + n, c58);
  store((g * p.N + min(top + 59, p.N - 1)) * p.D + n, c59);
  store((g * p.N + min(top + 60, p.N - 1)) * p.D + n, c60);
  store((g * p.N + min(top + 61, p.N - 1)) * p.D + n, c61);
  store((g * p.N + min(top + 62, p.N - 1)) * p.D + n, c62);
  store((g * p.N + min(top + 63, p.N - 1)) * p.D + n, c63);
}
