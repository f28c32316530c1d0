/** Tiles of 64 rows, for scripts/unrolled.mjs. */
import { entry, LANES, lanes, lines, otherHead } from './unrolledText.mjs';

const ROWS = 64;
/** A lane loads rows 8 apart. */
const GROUPS = ROWS / LANES;

const store = `fn store(at: u32, sum: vec4f) {
  y[at] = sum.x;
  y[at + 8] = sum.y;
  y[at + 16] = sum.z;
  y[at + 24] = sum.w;
}`;

/** A function that loads where an array is one of numbers. */
const fourOf = (name, fn) => `/// ${name} in this lane's columns of a row, from the first of them on.
fn ${fn}(at: u32) -> vec4f { return vec4f(${name}[at], ${name}[at + 8], ${name}[at + 16], ${name}[at + 24]); }`;
const biases = fourOf('bias', 'biasAt');

const columnsOf = (letter) => `/// The first of this lane's columns. The last tile begins early enough to be whole.
fn columnOf(place: u32, lane: u32) -> u32 {
  return min(place * ${4 * LANES}, p.${letter} - ${4 * LANES}) + lane;
}`;

const head = ({ columns = 'N', functions = [], loose, ...rest }) => `${otherHead({
  ...rest,
  aim: 'For products of some size on a lavapipe of LLVM 22: 1.15 to 1.3 times the `unrolled` variant.',
  ideas: [
    'The tile has 64 × 32 results, so each number of the right factor serves twice as many. LLVM 15 compiles that for seconds.',
    'A lane owns columns 8 apart: there a load is one gather for each component, fastest where lanes read neighbours.',
    ...loose,
  ],
})}

${[columnsOf(columns), ...functions, store].join('\n\n')}`;

const loads = (name) => lines(GROUPS, (r) => `    let a${r} = ${name}[row${r} + k];`);
const sums = (weights) =>
  lines(
    ROWS,
    (i) => `    c${i} = accumulate(c${i}, subgroupShuffle(a${Math.floor(i / LANES)}, z${i % LANES}), ${weights});`,
  );
const begin = (start) => `${lanes}\n${lines(ROWS, (i) => `  var c${i} = ${start};`)}`;
const stores = (at) => lines(ROWS, (i) => `  store(${at(i)} + n, c${i});`);

/** The left factor is [M, K]. */
const alongRows = ({ formula, bType, bShape, ...own }) => `${head({
  formula,
  loose: ['K is a multiple of 4, and N at least 32.'],
  functions: [...own.functions, biases],
  tensors: `@group(0) @binding(1) var<storage, read> a: array<vec4f>;     // [M, K / 4]
@group(0) @binding(2) var<storage, read> b: array<${bType}>;${bType === 'f32' ? '  ' : ''}     // ${bShape}
@group(0) @binding(3) var<storage, read> bias: array<f32>;    // [N]
@group(0) @binding(4) var<storage, read_write> y: array<f32>; // [M, N]`,
})}

fn product(group: vec3u, z0: u32, lane: u32, n: u32, start: vec4f) {
  let top = group.x * ${ROWS};
  let depth = p.K / 4;
${lines(GROUPS, (r) => `  let row${r} = min(top + ${LANES * r} + lane, p.M - 1) * depth;`)}
${own.setup}${begin('start')}
  for (var k = 0u; k < depth; k++) {
${loads('a')}
${own.weights}
${sums('w')}
  }
${stores((i) => `min(top + ${i}, p.M - 1) * p.N`)}
}

${entry('forward', '  product(group, groups.z - 1, lane, columnOf(group.y, lane), vec4f());')}
${entry(
  'forward_bias',
  `  let n = columnOf(group.y, lane);
  product(group, groups.z - 1, lane, n, biasAt(n));`,
)}`;

/**
 * Down one column of four rows, then the next: the first loads are of four cache lines, which come at once, where the first
 * four of a row would be of two.
 */
const downOf = (name, letter) => `/// Four rows of ${name}, in the column that \`at\` is in the first of.
fn down(at: u32) -> vec4f { return vec4f(${name}[at], ${name}[at + p.${letter}], ${name}[at + 2 * p.${letter}], ${name}[at + 3 * p.${letter}]); }`;
const DOWN = 'transpose(mat4x4f(down(at), down(at + 8), down(at + 16), down(at + 24)))';

const NN = alongRows({
  formula: 'y = a · b (+ bias)',
  bType: 'f32',
  bShape: '[K, N]',
  functions: [downOf('b', 'N')],
  setup: '',
  weights: `    let at = 4 * k * p.N + n;\n    let w = ${DOWN};`,
});

const NT = alongRows({
  functions: [],
  formula: 'y = a · bᵀ (+ bias)',
  bType: 'vec4f',
  bShape: '[N, K / 4]',
  setup: '  let columns = (n + 8 * vec4u(0, 1, 2, 3)) * depth;\n',
  weights: '    let w = transpose(mat4x4f(b[columns.x + k], b[columns.y + k], b[columns.z + k], b[columns.w + k]));',
});

const TN = `${head({
  formula: 'y = aᵀ · b',
  loose: ['N is at least 32.'],
  functions: [downOf('b', 'N'), fourOf('b', 'four')],
  tensors: `@group(0) @binding(1) var<storage, read> a: array<f32>;       // [K, M]
@group(0) @binding(2) var<storage, read> b: array<f32>;       // [K, N]
@group(0) @binding(3) var<storage, read_write> y: array<f32>; // [M, N]`,
})}

/// Column m of a in four rows from the one that begins at \`at\` on.
fn fourRows(at: u32, m: u32) -> vec4f {
  return vec4f(a[at + m], a[at + p.M + m], a[at + 2 * p.M + m], a[at + 3 * p.M + m]);
}

@compute @workgroup_size(${LANES})
fn forward(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let top = group.x * ${ROWS};
  let z0 = groups.z - 1;
  let n = columnOf(group.y, lane);
${lines(GROUPS, (r) => `  let m${r} = min(top + ${LANES * r} + lane, p.M - 1);`)}
${begin('vec4f()')}
  let fours = p.K - p.K % 4;
  for (var k = 0u; k < fours; k += 4) {
    let left = k * p.M;
${lines(GROUPS, (r) => `    let a${r} = fourRows(left, m${r});`)}
    let at = k * p.N + n;
    let w = ${DOWN};
${sums('w')}
  }
  for (var k = fours; k < p.K; k++) {
    let left = k * p.M;
${lines(GROUPS, (r) => `    let a${r} = a[left + m${r}];`)}
    let w = four(k * p.N + n);
${lines(ROWS, (i) => `    c${i} = fma(vec4f(subgroupShuffle(a${Math.floor(i / LANES)}, z${i % LANES})), w, c${i});`)}
  }
${stores((i) => `min(top + ${i}, p.M - 1) * p.N`)}
}
`;

const groupedNN = `${head({
  formula: 'y = x · w for each group',
  op: 'grouped',
  sizes: 'NGED',
  columns: 'D',
  loose: ['E is a multiple of 4, and D at least 32.'],
  functions: [downOf('w', 'D')],
  tensors: `@group(0) @binding(1) var<storage, read> x: array<vec4f>;     // [N, G, E / 4]
@group(0) @binding(2) var<storage, read> w: array<f32>;       // [G, E, D]
@group(0) @binding(3) var<storage, read_write> y: array<f32>; // [G, N, D]`,
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
  let n = columnOf(group.y % tiles, lane);
  let depth = p.E / 4;
  let z0 = groups.z - 1;
${lines(GROUPS, (r) => `  let row${r} = (min(top + ${LANES * r} + lane, p.N - 1) * p.G + g) * depth;`)}
${begin('vec4f()')}
  for (var k = 0u; k < depth; k++) {
${loads('x')}
    let at = (g * p.E + 4 * k) * p.D + n;
    let weights = ${DOWN};
${sums('weights')}
  }
${stores((i) => `(g * p.N + min(top + ${i}, p.N - 1)) * p.D`)}
}
`;

const groupedNT = `${head({
  formula: 'y = x · wᵀ (+ bias) for each group',
  op: 'grouped',
  sizes: 'NGED',
  columns: 'E',
  loose: ['D is a multiple of 4, and E at least 32.'],
  functions: [biases],
  tensors: `@group(0) @binding(1) var<storage, read> x: array<vec4f>;     // [G, N, D / 4]
@group(0) @binding(2) var<storage, read> w: array<vec4f>;     // [G, E, D / 4]
@group(0) @binding(3) var<storage, read> bias: array<f32>;    // [G, E]
@group(0) @binding(4) var<storage, read_write> y: array<f32>; // [N, G, E]`,
})}

fn product(group: vec3u, z0: u32, lane: u32, g: u32, n: u32, start: vec4f) {
  let top = group.x * ${ROWS};
  let depth = p.D / 4;
  let columns = (g * p.E + n + 8 * vec4u(0, 1, 2, 3)) * depth;
${lines(GROUPS, (r) => `  let row${r} = (g * p.N + min(top + ${LANES * r} + lane, p.N - 1)) * depth;`)}
${begin('start')}
  for (var k = 0u; k < depth; k++) {
${loads('x')}
    let weights = transpose(mat4x4f(w[columns.x + k], w[columns.y + k], w[columns.z + k], w[columns.w + k]));
${sums('weights')}
  }
${stores((i) => `(min(top + ${i}, p.N - 1) * p.G + g) * p.E`)}
}

${entry(
  'forward',
  `  let tiles = groups.y / p.G;
  let n = columnOf(group.y % tiles, lane);
  product(group, groups.z - 1, lane, group.y / tiles, n, vec4f());`,
)}
${entry(
  'forward_bias',
  `  let tiles = groups.y / p.G;
  let g = group.y / tiles;
  let n = columnOf(group.y % tiles, lane);
  product(group, groups.z - 1, lane, g, n, biasAt(g * p.E + n));`,
)}`;

export const tall = {
  'groupedNN.unrolled64': groupedNN,
  'groupedNT.unrolled64': groupedNT,
  'matmulNN.unrolled64': NN,
  'matmulNT.unrolled64': NT,
  'matmulTN.unrolled64': TN,
};
