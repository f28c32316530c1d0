// y = x · wᵀ (+ bias) for each group. For products of some size on lavapipe: 1.3 to 1.6 times the `subgroup` variant.
// Written by scripts/unrolled.mjs. Op: core/src/ops/grouped.ts.
//
// As in the `subgroup` variant a workgroup is one subgroup of 8 lanes, that is one SIMD register; numbers of a are handed
// from lane to lane by a shuffle, from a lane the compiler does not know (`z0` is 0 at run time). But:
// - The tile has 32 × 32 results, so each number loaded serves twice as many. A lane owns 4 neighbouring columns.
// - Every load is of 4 neighbours: ten instructions a lane find out where, whether for one number or for four.
//   So E and D are multiples of 4.
// - Addresses are counted from k: what a loop carries from turn to turn is blended with a mask each time.
// At the edges lanes load the last rows or columns again and store them again, the same bits in the same places: to branch
// for each row would cost more.
enable subgroups;

struct Params { N: u32, G: u32, E: u32, D: u32 }

@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read> x: array<vec4f>;       // [G, N, D / 4]
@group(0) @binding(2) var<storage, read> w: array<vec4f>;       // [G, E, D / 4]
@group(0) @binding(3) var<storage, read> bias: array<vec4f>;    // [G, E / 4]
@group(0) @binding(4) var<storage, read_write> y: array<vec4f>; // [N, G, E / 4]

/// sum + x · w over four k, one after the other.
fn accumulate(sum: vec4f, x: vec4f, w: mat4x4f) -> vec4f {
  return fma(vec4f(x.w), w[3], fma(vec4f(x.z), w[2], fma(vec4f(x.y), w[1], fma(vec4f(x.x), w[0], sum))));
}

/// This lane's columns in a row of tiles, by four.
fn columnsOf(place: u32, lane: u32) -> u32 {
  return min(place * 8 + lane, p.E / 4 - 1);
}

/// Columns 4n to 4n + 3 of group g and of the rows of this workgroup.
fn product(group: vec3u, z0: u32, lane: u32, g: u32, n: u32, start: vec4f) {
  let top = group.x * 32;
  let width = p.E / 4;
  let depth = p.D / 4;
  let rows = (g * p.N + min(top + lane + vec4u(0, 8, 16, 24), vec4u(p.N - 1))) * depth;
  let columns = (g * p.E + 4 * n + vec4u(0, 1, 2, 3)) * depth;
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
    let a0 = x[rows[0] + k];
    let a1 = x[rows[1] + k];
    let a2 = x[rows[2] + k];
    let a3 = x[rows[3] + k];
    let weight = transpose(mat4x4f(w[columns.x + k], w[columns.y + k], w[columns.z + k], w[columns.w + k]));
    c0 = accumulate(c0, subgroupShuffle(a0, z0), weight);
    c1 = accumulate(c1, subgroupShuffle(a0, z1), weight);
    c2 = accumulate(c2, subgroupShuffle(a0, z2), weight);
    c3 = accumulate(c3, subgroupShuffle(a0, z3), weight);
    c4 = accumulate(c4, subgroupShuffle(a0, z4), weight);
    c5 = accumulate(c5, subgroupShuffle(a0, z5), weight);
    c6 = accumulate(c6, subgroupShuffle(a0, z6), weight);
    c7 = accumulate(c7, subgroupShuffle(a0, z7), weight);
    c8 = accumulate(c8, subgroupShuffle(a1, z0), weight);
    c9 = accumulate(c9, subgroupShuffle(a1, z1), weight);
    c10 = accumulate(c10, subgroupShuffle(a1, z2), weight);
    c11 = accumulate(c11, subgroupShuffle(a1, z3), weight);
    c12 = accumulate(c12, subgroupShuffle(a1, z4), weight);
    c13 = accumulate(c13, subgroupShuffle(a1, z5), weight);
    c14 = accumulate(c14, subgroupShuffle(a1, z6), weight);
    c15 = accumulate(c15, subgroupShuffle(a1, z7), weight);
    c16 = accumulate(c16, subgroupShuffle(a2, z0), weight);
    c17 = accumulate(c17, subgroupShuffle(a2, z1), weight);
    c18 = accumulate(c18, subgroupShuffle(a2, z2), weight);
    c19 = accumulate(c19, subgroupShuffle(a2, z3), weight);
    c20 = accumulate(c20, subgroupShuffle(a2, z4), weight);
    c21 = accumulate(c21, subgroupShuffle(a2, z5), weight);
    c22 = accumulate(c22, subgroupShuffle(a2, z6), weight);
    c23 = accumulate(c23, subgroupShuffle(a2, z7), weight);
    c24 = accumulate(c24, subgroupShuffle(a3, z0), weight);
    c25 = accumulate(c25, subgroupShuffle(a3, z1), weight);
    c26 = accumulate(c26, subgroupShuffle(a3, z2), weight);
    c27 = accumulate(c27, subgroupShuffle(a3, z3), weight);
    c28 = accumulate(c28, subgroupShuffle(a3, z4), weight);
    c29 = accumulate(c29, subgroupShuffle(a3, z5), weight);
    c30 = accumulate(c30, subgroupShuffle(a3, z6), weight);
    c31 = accumulate(c31, subgroupShuffle(a3, z7), weight);
  }
  y[(min(top + 0, p.N - 1) * p.G + g) * width + n] = c0;
  y[(min(top + 1, p.N - 1) * p.G + g) * width + n] = c1;
  y[(min(top + 2, p.N - 1) * p.G + g) * width + n] = c2;
  y[(min(top + 3, p.N - 1) * p.G + g) * width + n] = c3;
  y[(min(top + 4, p.N - 1) * p.G + g) * width + n] = c4;
  y[(min(top + 5, p.N - 1) * p.G + g) * width + n] = c5;
  y[(min(top + 6, p.N - 1) * p.G + g) * width + n] = c6;
  y[(min(top + 7, p.N - 1) * p.G + g) * width + n] = c7;
  y[(min(top + 8, p.N - 1) * p.G + g) * width + n] = c8;
  y[(min(top + 9, p.N - 1) * p.G + g) * width + n] = c9;
  y[(min(top + 10, p.N - 1) * p.G + g) * width + n] = c10;
  y[(min(top + 11, p.N - 1) * p.G + g) * width + n] = c11;
  y[(min(top + 12, p.N - 1) * p.G + g) * width + n] = c12;
  y[(min(top + 13, p.N - 1) * p.G + g) * width + n] = c13;
  y[(min(top + 14, p.N - 1) * p.G + g) * width + n] = c14;
  y[(min(top + 15, p.N - 1) * p.G + g) * width + n] = c15;
  y[(min(top + 16, p.N - 1) * p.G + g) * width + n] = c16;
  y[(min(top + 17, p.N - 1) * p.G + g) * width + n] = c17;
  y[(min(top + 18, p.N - 1) * p.G + g) * width + n] = c18;
  y[(min(top + 19, p.N - 1) * p.G + g) * width + n] = c19;
  y[(min(top + 20, p.N - 1) * p.G + g) * width + n] = c20;
  y[(min(top + 21, p.N - 1) * p.G + g) * width + n] = c21;
  y[(min(top + 22, p.N - 1) * p.G + g) * width + n] = c22;
  y[(min(top + 23, p.N - 1) * p.G + g) * width + n] = c23;
  y[(min(top + 24, p.N - 1) * p.G + g) * width + n] = c24;
  y[(min(top + 25, p.N - 1) * p.G + g) * width + n] = c25;
  y[(min(top + 26, p.N - 1) * p.G + g) * width + n] = c26;
  y[(min(top + 27, p.N - 1) * p.G + g) * width + n] = c27;
  y[(min(top + 28, p.N - 1) * p.G + g) * width + n] = c28;
  y[(min(top + 29, p.N - 1) * p.G + g) * width + n] = c29;
  y[(min(top + 30, p.N - 1) * p.G + g) * width + n] = c30;
  y[(min(top + 31, p.N - 1) * p.G + g) * width + n] = c31;
}

@compute @workgroup_size(8)
fn forward(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let tiles = groups.y / p.G;
  let n = columnsOf(group.y % tiles, lane);
  product(group, groups.z - 1, lane, group.y / tiles, n, vec4f());
}

@compute @workgroup_size(8)
fn forward_bias(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let tiles = groups.y / p.G;
  let g = group.y / tiles;
  let n = columnsOf(group.y % tiles, lane);
  product(group, groups.z - 1, lane, g, n, bias[g * p.E / 4 + n]);
}
