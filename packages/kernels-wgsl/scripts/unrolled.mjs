/**
 * The variants of the matrix products whose rows are lines of text: tiles of 32 rows, `kernels/*.unrolled.wgsl`, and those of
 * other heights, `*.unrolled8.wgsl` to `*.unrolled64.wgsl`. Written out by this script because the compilers of software
 * adapters leave an array of rows in memory, at a third of the speed. `pnpm gen` writes the files; a test proves them fresh.
 */
import { few } from './unrolledFew.mjs';
import { tall } from './unrolledTall.mjs';
import { accumulate, entry, LANES, lanes, lines, params } from './unrolledText.mjs';

const ROWS = 32;

const head = ({
  formula,
  op = 'matmul',
  loose,
  sizes = 'MNK',
  columns = 'N',
  tensors,
}) => `// ${formula}. For products of some size on lavapipe: 1.3 to 1.6 times the \`subgroup\` variant.
// Written by scripts/unrolled.mjs. Op: core/src/ops/${op}.ts.
//
// As in the \`subgroup\` variant a workgroup is one subgroup of 8 lanes, that is one SIMD register; numbers of a are handed
// from lane to lane by a shuffle, from a lane the compiler does not know (\`z0\` is 0 at run time). But:
// - The tile has 32 × 32 results, so each number loaded serves twice as many. A lane owns 4 neighbouring columns.
// - Every load is of 4 neighbours: ten instructions a lane find out where, whether for one number or for four.
//   So ${loose}.
// - Addresses are counted from k: what a loop carries from turn to turn is blended with a mask each time.
// At the edges lanes load the last rows or columns again and store them again, the same bits in the same places: to branch
// for each row would cost more.
enable subgroups;

${params(sizes)}
${tensors}

${accumulate}

/// This lane's columns in a row of tiles, by four.
fn columnsOf(place: u32, lane: u32) -> u32 {
  return min(place * ${LANES} + lane, p.${columns} / 4 - 1);
}`;

/** Rows of a lie along k: a lane loads four k of rows 8 apart, at `rows`. */
const loadRows = lines(ROWS / LANES, (r) => `    let a${r} = a[rows[${r}] + k];`);
const sumRows = lines(
  ROWS,
  (i) => `    c${i} = accumulate(c${i}, subgroupShuffle(a${Math.floor(i / LANES)}, z${i % LANES}), w);`,
);
const byRows = 'vec4u(0, 8, 16, 24)';

/** a is [M, K]. The order of the loads is that of the fastest code of LLVM 15. */
const alongRows = (formula, { bShape, columns = '', loads }) => `${head({
  formula,
  loose: 'N and K are multiples of 4',
  tensors: `@group(0) @binding(1) var<storage, read> a: array<vec4f>;       // [M, K / 4]
@group(0) @binding(2) var<storage, read> b: array<vec4f>;       // ${bShape}
@group(0) @binding(3) var<storage, read> bias: array<vec4f>;    // [N / 4]
@group(0) @binding(4) var<storage, read_write> y: array<vec4f>; // [M, N / 4]`,
})}

/// Columns 4n to 4n + 3 of the rows of this workgroup.
fn product(group: vec3u, z0: u32, lane: u32, n: u32, start: vec4f) {
  let top = group.x * ${ROWS};
  let width = p.N / 4;
  let depth = p.K / 4;
  let rows = min(top + lane + ${byRows}, vec4u(p.M - 1)) * depth;
${columns}${lanes}
${lines(ROWS, (i) => `  var c${i} = start;`)}
  for (var k = 0u; k < depth; k++) {
${loadRows}
${loads}
${sumRows}
  }
${lines(ROWS, (i) => `  y[min(top + ${i}, p.M - 1) * width + n] = c${i};`)}
}

${entry('forward', '  product(group, groups.z - 1, lane, columnsOf(group.y, lane), vec4f());')}
${entry(
  'forward_bias',
  `  let n = columnsOf(group.y, lane);
  product(group, groups.z - 1, lane, n, bias[n]);`,
)}`;

const NN = alongRows('y = a · b (+ bias)', {
  bShape: '[K, N / 4]',
  loads: `    let at = 4 * k * width + n;
    let w = mat4x4f(b[at], b[at + width], b[at + 2 * width], b[at + 3 * width]);`,
});

const NT = alongRows('y = a · bᵀ (+ bias)', {
  bShape: '[N, K / 4]',
  columns: '  let columns = (4 * n + vec4u(0, 1, 2, 3)) * depth;\n',
  loads: '    let w = transpose(mat4x4f(b[columns.x + k], b[columns.y + k], b[columns.z + k], b[columns.w + k]));',
});

/** Four rows of y that lane l loaded, four k of each. */
const sumsOf = (l) => {
  const shuffled = lines(4, (u) => `subgroupShuffle(a${u}, z${l})`).replaceAll('\n', ', ');
  return `    let x${l} = transpose(mat4x4f(${shuffled}));
${lines(4, (c) => `    c${4 * l + c} = accumulate(c${4 * l + c}, x${l}[${c}], w);`)}`;
};
const lastOf = (l) => `    let x${l} = subgroupShuffle(a0, z${l});
${lines(4, (c) => `    c${4 * l + c} = fma(vec4f(x${l}[${c}]), w, c${4 * l + c});`)}`;
const storesOf = (l) => `  let at${l} = 4 * min(top + ${l}, height - 1) * width + n;
${lines(4, (c) => `  y[at${l} + ${c} * width] = c${4 * l + c};`)}`;

/** a is [K, M]: a lane loads one k of four neighbouring rows of y. */
const TN = `${head({
  formula: 'y = aᵀ · b',
  loose: 'M and N are multiples of 4',
  tensors: `@group(0) @binding(1) var<storage, read> a: array<vec4f>;       // [K, M / 4]
@group(0) @binding(2) var<storage, read> b: array<vec4f>;       // [K, N / 4]
@group(0) @binding(3) var<storage, read_write> y: array<vec4f>; // [M, N / 4]`,
})}

@compute @workgroup_size(${LANES})
fn forward(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let top = group.x * ${LANES};
  let width = p.N / 4;
  let height = p.M / 4;
  let m = min(top + lane, height - 1);
  let n = columnsOf(group.y, lane);
  let z0 = groups.z - 1;
${lanes}
${lines(ROWS, (i) => `  var c${i} = vec4f();`)}
  let fours = p.K - p.K % 4;
  for (var k = 0u; k < fours; k += 4) {
    let at = k * height + m;
    let a0 = a[at];
    let a1 = a[at + height];
    let a2 = a[at + 2 * height];
    let a3 = a[at + 3 * height];
    let row = k * width + n;
    let w = mat4x4f(b[row], b[row + width], b[row + 2 * width], b[row + 3 * width]);
${lines(LANES, sumsOf)}
  }
  for (var k = fours; k < p.K; k++) {
    let a0 = a[k * height + m];
    let w = b[k * width + n];
${lines(LANES, lastOf)}
  }
${lines(LANES, storesOf)}
}
`;

/** z of the grid is 1 here too, so a group and its columns share y. */
const groupedNN = `${head({
  formula: 'y = x · w for each group',
  op: 'grouped',
  loose: 'E and D are multiples of 4',
  sizes: 'NGED',
  columns: 'D',
  tensors: `@group(0) @binding(1) var<storage, read> x: array<vec4f>;       // [N, G, E / 4]
@group(0) @binding(2) var<storage, read> w: array<vec4f>;       // [G, E, D / 4]
@group(0) @binding(3) var<storage, read_write> y: array<vec4f>; // [G, N, D / 4]`,
})}

@compute @workgroup_size(${LANES})
fn forward(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let top = group.x * ${ROWS};
  let tiles = groups.y / p.G;
  let g = group.y / tiles;
  let n = columnsOf(group.y % tiles, lane);
  let width = p.D / 4;
  let depth = p.E / 4;
  let rows = (min(top + lane + ${byRows}, vec4u(p.N - 1)) * p.G + g) * depth;
  let panel = g * p.E * width + n;
  let z0 = groups.z - 1;
${lanes}
${lines(ROWS, (i) => `  var c${i} = vec4f();`)}
  for (var k = 0u; k < depth; k++) {
${loadRows.replaceAll(' a[', ' x[')}
    let at = panel + 4 * k * width;
    let weight = mat4x4f(w[at], w[at + width], w[at + 2 * width], w[at + 3 * width]);
${sumRows.replaceAll(', w)', ', weight)')}
  }
${lines(ROWS, (i) => `  y[(g * p.N + min(top + ${i}, p.N - 1)) * width + n] = c${i};`)}
}
`;

const groupedNT = `${head({
  formula: 'y = x · wᵀ (+ bias) for each group',
  op: 'grouped',
  loose: 'E and D are multiples of 4',
  sizes: 'NGED',
  columns: 'E',
  tensors: `@group(0) @binding(1) var<storage, read> x: array<vec4f>;       // [G, N, D / 4]
@group(0) @binding(2) var<storage, read> w: array<vec4f>;       // [G, E, D / 4]
@group(0) @binding(3) var<storage, read> bias: array<vec4f>;    // [G, E / 4]
@group(0) @binding(4) var<storage, read_write> y: array<vec4f>; // [N, G, E / 4]`,
})}

/// Columns 4n to 4n + 3 of group g and of the rows of this workgroup.
fn product(group: vec3u, z0: u32, lane: u32, g: u32, n: u32, start: vec4f) {
  let top = group.x * ${ROWS};
  let width = p.E / 4;
  let depth = p.D / 4;
  let rows = (g * p.N + min(top + lane + ${byRows}, vec4u(p.N - 1))) * depth;
  let columns = (g * p.E + 4 * n + vec4u(0, 1, 2, 3)) * depth;
${lanes}
${lines(ROWS, (i) => `  var c${i} = start;`)}
  for (var k = 0u; k < depth; k++) {
${loadRows.replaceAll(' a[', ' x[')}
    let weight = transpose(mat4x4f(w[columns.x + k], w[columns.y + k], w[columns.z + k], w[columns.w + k]));
${sumRows.replaceAll(', w)', ', weight)')}
  }
${lines(ROWS, (i) => `  y[(min(top + ${i}, p.N - 1) * p.G + g) * width + n] = c${i};`)}
}

${entry(
  'forward',
  `  let tiles = groups.y / p.G;
  let n = columnsOf(group.y % tiles, lane);
  product(group, groups.z - 1, lane, group.y / tiles, n, vec4f());`,
)}
${entry(
  'forward_bias',
  `  let tiles = groups.y / p.G;
  let g = group.y / tiles;
  let n = columnsOf(group.y % tiles, lane);
  product(group, groups.z - 1, lane, g, n, bias[g * p.E / 4 + n]);`,
)}`;

/** By name of the file, without \`.wgsl\`. */
export const unrolled = {
  'groupedNN.unrolled': groupedNN,
  'groupedNT.unrolled': groupedNT,
  'matmulNN.unrolled': NN,
  'matmulNT.unrolled': NT,
  'matmulTN.unrolled': TN,
  ...few,
  ...tall,
};
