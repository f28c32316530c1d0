// y = aᵀ · b. For products of some size on a lavapipe of LLVM 22: 1.15 to 1.3 times the `unrolled` variant.
// Written by scripts/unrolled.mjs. Op: core/src/ops/matmul.ts.
//
// As in the `unrolled` variant a workgroup is one subgroup of 8 lanes, each row of its tile is a line, and numbers of the
// left factor go from lane to lane by a shuffle. But:
// - The tile has 64 × 32 results, so each number of the right factor serves twice as many. LLVM 15 compiles that for seconds.
// - A lane owns columns 8 apart: there a load is one gather for each component, fastest where lanes read neighbours.
// - N is at least 32.
// At the edges lanes load the last rows or columns again and store them again, the same bits in the same places.
enable subgroups;

struct Params { M: u32, N: u32, K: u32 }

@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read> a: array<f32>;       // [K, M]
@group(0) @binding(2) var<storage, read> b: array<f32>;       // [K, N]
@group(0) @binding(3) var<storage, read_write> y: array<f32>; // [M, N]

/// sum + x · w over four k, one after the other.
fn accumulate(sum: vec4f, x: vec4f, w: mat4x4f) -> vec4f {
  return fma(vec4f(x.w), w[3], fma(vec4f(x.z), w[2], fma(vec4f(x.y), w[1], fma(vec4f(x.x), w[0], sum))));
}

/// The first of this lane's columns. The last tile begins early enough to be whole.
fn columnOf(place: u32, lane: u32) -> u32 {
  return min(place * 32, p.N - 32) + lane;
}

/// Four rows of b, in the column that `at` is in the first of.
fn down(at: u32) -> vec4f { return vec4f(b[at], b[at + p.N], b[at + 2 * p.N], b[at + 3 * p.N]); }

/// b in this lane's columns of a row, from the first of them on.
fn four(at: u32) -> vec4f { return vec4f(b[at], b[at + 8], b[at + 16], b[at + 24]); }

fn store(at: u32, sum: vec4f) {
  y[at] = sum.x;
  y[at + 8] = sum.y;
  y[at + 16] = sum.z;
  y[at + 24] = sum.w;
}

/// Column m of a in four rows from the one that begins at `at` on.
fn fourRows(at: u32, m: u32) -> vec4f {
  return vec4f(a[at + m], a[at + p.M + m], a[at + 2 * p.M + m], a[at + 3 * p.M + m]);
}

@compute @workgroup_size(8)
fn forward(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let top = group.x * 64;
  let z0 = groups.z - 1;
  let n = columnOf(group.y, lane);
  let m0 = min(top + 0 + lane, p.M - 1);
  let m1 = min(top + 8 + lane, p.M - 1);
  let m2 = min(top + 16 + lane, p.M - 1);
  let m3 = min(top + 24 + lane, p.M - 1);
  let m4 = min(top + 32 + lane, p.M - 1);
  let m5 = min(top + 40 + lane, p.M - 1);
  let m6 = min(top + 48 + lane, p.M - 1);
  let m7 = min(top + 56 + lane, p.M - 1);
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
  let fours = p.K - p.K % 4;
  for (var k = 0u; k < fours; k += 4) {
    let left = k * p.M;
    let a0 = fourRows(left, m0);
    let a1 = fourRows(left, m1);
    let a2 = fourRows(left, m2);
    let a3 = fourRows(left, m3);
    let a4 = fourRows(left, m4);
    let a5 = fourRows(left, m5);
    let a6 = fourRows(left, m6);
    let a7 = fourRows(left, m7);
    let at = k * p.N + n;
    let w = transpose(mat4x4f(down(at), down(at + 8), down(at + 16), down(at + 24)));
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
    c32 = accumulate(c32, subgroupShuffle(a4, z0), w);
    c33 = accumulate(c33, subgroupShuffle(a4, z1), w);
    c34 = accumulate(c34, subgroupShuffle(a4, z2), w);
    c35 = accumulate(c35, subgroupShuffle(a4, z3), w);
    c36 = accumulate(c36, subgroupShuffle(a4, z4), w);
    c37 = accumulate(c37, subgroupShuffle(a4, z5), w);
    c38 = accumulate(c38, subgroupShuffle(a4, z6), w);
    c39 = accumulate(c39, subgroupShuffle(a4, z7), w);
    c40 = accumulate(c40, subgroupShuffle(a5, z0), w);
    c41 = accumulate(c41, subgroupShuffle(a5, z1), w);
    c42 = accumulate(c42, subgroupShuffle(a5, z2), w);
    c43 = accumulate(c43, subgroupShuffle(a5, z3), w);
    c44 = accumulate(c44, subgroupShuffle(a5, z4), w);
    c45 = accumulate(c45, subgroupShuffle(a5, z5), w);
    c46 = accumulate(c46, subgroupShuffle(a5, z6), w);
    c47 = accumulate(c47, subgroupShuffle(a5, z7), w);
    c48 = accumulate(c48, subgroupShuffle(a6, z0), w);
    c49 = accumulate(c49, subgroupShuffle(a6, z1), w);
    c50 = accumulate(c50, subgroupShuffle(a6, z2), w);
    c51 = accumulate(c51, subgroupShuffle(a6, z3), w);
    c52 = accumulate(c52, subgroupShuffle(a6, z4), w);
    c53 = accumulate(c53, subgroupShuffle(a6, z5), w);
    c54 = accumulate(c54, subgroupShuffle(a6, z6), w);
    c55 = accumulate(c55, subgroupShuffle(a6, z7), w);
    c56 = accumulate(c56, subgroupShuffle(a7, z0), w);
    c57 = accumulate(c57, subgroupShuffle(a7, z1), w);
    c58 = accumulate(c58, subgroupShuffle(a7, z2), w);
    c59 = accumulate(c59, subgroupShuffle(a7, z3), w);
    c60 = accumulate(c60, subgroupShuffle(a7, z4), w);
    c61 = accumulate(c61, subgroupShuffle(a7, z5), w);
    c62 = accumulate(c62, subgroupShuffle(a7, z6), w);
    c63 = accumulate(c63, subgroupShuffle(a7, z7), w);
  }
  for (var k = fours; k < p.K; k++) {
    let left = k * p.M;
    let a0 = a[left + m0];
    let a1 = a[left + m1];
    let a2 = a[left + m2];
    let a3 = a[left + m3];
    let a4 = a[left + m4];
    let a5 = a[left + m5];
    let a6 = a[left + m6];
    let a7 = a[left + m7];
    let w = four(k * p.N + n);
    c0 = fma(vec4f(subgroupShuffle(a0, z0)), w, c0);
    c1 = fma(vec4f(subgroupShuffle(a0, z1)), w, c1);
    c2 = fma(vec4f(subgroupShuffle(a0, z2)), w, c2);
    c3 = fma(vec4f(subgroupShuffle(a0, z3)), w, c3);
    c4 = fma(vec4f(subgroupShuffle(a0, z4)), w, c4);
    c5 = fma(vec4f(subgroupShuffle(a0, z5)), w, c5);
    c6 = fma(vec4f(subgroupShuffle(a0, z6)), w, c6);
    c7 = fma(vec4f(subgroupShuffle(a0, z7)), w, c7);
    c8 = fma(vec4f(subgroupShuffle(a1, z0)), w, c8);
    c9 = fma(vec4f(subgroupShuffle(a1, z1)), w, c9);
    c10 = fma(vec4f(subgroupShuffle(a1, z2)), w, c10);
    c11 = fma(vec4f(subgroupShuffle(a1, z3)), w, c11);
    c12 = fma(vec4f(subgroupShuffle(a1, z4)), w, c12);
    c13 = fma(vec4f(subgroupShuffle(a1, z5)), w, c13);
    c14 = fma(vec4f(subgroupShuffle(a1, z6)), w, c14);
    c15 = fma(vec4f(subgroupShuffle(a1, z7)), w, c15);
    c16 = fma(vec4f(subgroupShuffle(a2, z0)), w, c16);
    c17 = fma(vec4f(subgroupShuffle(a2, z1)), w, c17);
    c18 = fma(vec4f(subgroupShuffle(a2, z2)), w, c18);
    c19 = fma(vec4f(subgroupShuffle(a2, z3)), w, c19);
    c20 = fma(vec4f(subgroupShuffle(a2, z4)), w, c20);
    c21 = fma(vec4f(subgroupShuffle(a2, z5)), w, c21);
    c22 = fma(vec4f(subgroupShuffle(a2, z6)), w, c22);
    c23 = fma(vec4f(subgroupShuffle(a2, z7)), w, c23);
    c24 = fma(vec4f(subgroupShuffle(a3, z0)), w, c24);
    c25 = fma(vec4f(subgroupShuffle(a3, z1)), w, c25);
    c26 = fma(vec4f(subgroupShuffle(a3, z2)), w, c26);
    c27 = fma(vec4f(subgroupShuffle(a3, z3)), w, c27);
    c28 = fma(vec4f(subgroupShuffle(a3, z4)), w, c28);
    c29 = fma(vec4f(subgroupShuffle(a3, z5)), w, c29);
    c30 = fma(vec4f(subgroupShuffle(a3, z6)), w, c30);
    c31 = fma(vec4f(subgroupShuffle(a3, z7)), w, c31);
    c32 = fma(vec4f(subgroupShuffle(a4, z0)), w, c32);
    c33 = fma(vec4f(subgroupShuffle(a4, z1)), w, c33);
    c34 = fma(vec4f(subgroupShuffle(a4, z2)), w, c34);
    c35 = fma(vec4f(subgroupShuffle(a4, z3)), w, c35);
    c36 = fma(vec4f(subgroupShuffle(a4, z4)), w, c36);
    c37 = fma(vec4f(subgroupShuffle(a4, z5)), w, c37);
    c38 = fma(vec4f(subgroupShuffle(a4, z6)), w, c38);
    c39 = fma(vec4f(subgroupShuffle(a4, z7)), w, c39);
    c40 = fma(vec4f(subgroupShuffle(a5, z0)), w, c40);
    c41 = fma(vec4f(subgroupShuffle(a5, z1)), w, c41);
    c42 = fma(vec4f(subgroupShuffle(a5, z2)), w, c42);
    c43 = fma(vec4f(subgroupShuffle(a5, z3)), w, c43);
    c44 = fma(vec4f(subgroupShuffle(a5, z4)), w, c44);
    c45 = fma(vec4f(subgroupShuffle(a5, z5)), w, c45);
    c46 = fma(vec4f(subgroupShuffle(a5, z6)), w, c46);
    c47 = fma(vec4f(subgroupShuffle(a5, z7)), w, c47);
    c48 = fma(vec4f(subgroupShuffle(a6, z0)), w, c48);
    c49 = fma(vec4f(subgroupShuffle(a6, z1)), w, c49);
    c50 = fma(vec4f(subgroupShuffle(a6, z2)), w, c50);
    c51 = fma(vec4f(subgroupShuffle(a6, z3)), w, c51);
    c52 = fma(vec4f(subgroupShuffle(a6, z4)), w, c52);
    c53 = fma(vec4f(subgroupShuffle(a6, z5)), w, c53);
    c54 = fma(vec4f(subgroupShuffle(a6, z6)), w, c54);
    c55 = fma(vec4f(subgroupShuffle(a6, z7)), w, c55);
    c56 = fma(vec4f(subgroupShuffle(a7, z0)), w, c56);
    c57 = fma(vec4f(subgroupShuffle(a7, z1)), w, c57);
    c58 = fma(vec4f(subgroupShuffle(a7, z2)), w, c58);
    c59 = fma(vec4f(subgroupShuffle(a7, z3)), w, c59);
    c60 = fma(vec4f(subgroupShuffle(a7, z4)), w, c60);
    c61 = fma(vec4f(subgroupShuffle(a7, z5)), w, c61);
    c62 = fma(vec4f(subgroupShuffle(a7, z6)), w, c62);
    c63 = fma(vec4f(subgroupShuffle(a7, z7)), w, c63);
  }
  store(min(top + 0, p.M - 1) * p.N + n, c0);
  store(min(top + 1, p.M - 1) * p.N + n, c1);
  store(min(top + 2, p.M - 1) * p.N + n, c2);
  store(min(top + 3, p.M - 1) * p.N + n, c3);
  store(min(top + 4, p.M - 1) * p.N + n, c4);
  store(min(top + 5, p.M - 1) * p.N + n, c5);
  store(min(top + 6, p.M - 1) * p.N + n, c6);
  store(min(top + 7, p.M - 1) * p.N + n, c7);
  store(min(top + 8, p.M - 1) * p.N + n, c8);
  store(min(top + 9, p.M - 1) * p.N + n, c9);
  store(min(top + 10, p.M - 1) * p.N + n, c10);
  store(min(top + 11, p.M - 1) * p.N + n, c11);
  store(min(top + 12, p.M - 1) * p.N + n, c12);
  store(min(top + 13, p.M - 1) * p.N + n, c13);
  store(min(top + 14, p.M - 1) * p.N + n, c14);
  store(min(top + 15, p.M - 1) * p.N + n, c15);
  store(min(top + 16, p.M - 1) * p.N + n, c16);
  store(min(top + 17, p.M - 1) * p.N + n, c17);
  store(min(top + 18, p.M - 1) * p.N + n, c18);
  store(min(top + 19, p.M - 1) * p.N + n, c19);
  store(min(top + 20, p.M - 1) * p.N + n, c20);
  store(min(top + 21, p.M - 1) * p.N + n, c21);
  store(min(top + 22, p.M - 1) * p.N + n, c22);
  store(min(top + 23, p.M - 1) * p.N + n, c23);
  store(min(top + 24, p.M - 1) * p.N + n, c24);
  store(min(top + 25, p.M - 1) * p.N + n, c25);
  store(min(top + 26, p.M - 1) * p.N + n, c26);
  store(min(top + 27, p.M - 1) * p.N + n, c27);
  store(min(top + 28, p.M - 1) * p.N + n, c28);
  store(min(top + 29, p.M - 1) * p.N + n, c29);
  store(min(top + 30, p.M - 1) * p.N + n, c30);
  store(min(top + 31, p.M - 1) * p.N + n, c31);
  store(min(top + 32, p.M - 1) * p.N + n, c32);
  store(min(top + 33, p.M - 1) * p.N + n, c33);
  store(min(top + 34, p.M - 1) * p.N + n, c34);
  store(min(top + 35, p.M - 1) * p.N + n, c35);
  store(min(top + 36, p.M - 1) * p.N + n, c36);
  store(min(top + 37, p.M - 1) * p.N + n, c37);
  store(min(top + 38, p.M - 1) * p.N + n, c38);
  store(min(top + 39, p.M - 1) * p.N + n, c39);
  store(min(top + 40, p.M - 1) * p.N + n, c40);
  store(min(top + 41, p.M - 1) * p.N + n, c41);
  store(min(top + 42, p.M - 1) * p.N + n, c42);
  store(min(top + 43, p.M - 1) * p.N + n, c43);
  store(min(top + 44, p.M - 1) * p.N + n, c44);
  store(min(top + 45, p.M - 1) * p.N + n, c45);
  store(min(top + 46, p.M - 1) * p.N + n, c46);
  store(min(top + 47, p.M - 1) * p.N + n, c47);
  store(min(top + 48, p.M - 1) * p.N + n, c48);
  store(min(top + 49, p.M - 1) * p.N + n, c49);
  store(min(top + 50, p.M - 1) * p.N + n, c50);
  store(min(top + 51, p.M - 1) * p.N + n, c51);
  store(min(top + 52, p.M - 1) * p.N + n, c52);
  store(min(top + 53, p.M - 1) * p.N + n, c53);
  store(min(top + 54, p.M - 1) * p.N + n, c54);
  store(min(top + 55, p.M - 1) * p.N + n, c55);
  store(min(top + 56, p.M - 1) * p.N + n, c56);
  store(min(top + 57, p.M - 1) * p.N + n, c57);
  store(min(top + 58, p.M - 1) * p.N + n, c58);
  store(min(top + 59, p.M - 1) * p.N + n, c59);
  store(min(top + 60, p.M - 1) * p.N + n, c60);
  store(min(top + 61, p.M - 1) * p.N + n, c61);
  store(min(top + 62, p.M - 1) * p.N + n, c62);
  store(min(top + 63, p.M - 1) * p.N + n, c63);
}
