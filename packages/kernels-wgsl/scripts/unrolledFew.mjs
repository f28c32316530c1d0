/**
 * Products of few rows with all the weights of a model, of which each is met once: tiles of 8 and of 16 rows, for
 * scripts/unrolled.mjs.
 */
import { entry, LANES, lanes, lines, otherHead } from './unrolledText.mjs';

/** Numbers in a cache line. */
const LINE = 16;
/** How many k before they are wanted the rows of b are fetched. */
const AHEAD = 8;

/** `quads`: times four neighbouring columns of a lane. */
const product = ({ formula, aim, rows, quads, isTransposed }) => {
  const columns = 4 * LANES * quads;
  const each = (line, between = '\n') => Array.from({ length: quads }, (_, q) => line(q)).join(between);
  const linesOfRow = columns / LINE;
  const rowsOfLoad = LANES / linesOfRow;
  const fetches = lines(
    4 / rowsOfLoad,
    (i) =>
      `    fetched |= bitcast<u32>(b[min(4 * k + ${AHEAD + i * rowsOfLoad} + lane / ${linesOfRow}, p.K - 1) * width + line].x);\n`,
  ).replaceAll('\n\n', '\n');
  const apart = isTransposed
    ? {
        bShape: '[N, K / 4]',
        ideas: [],
        setup: `${each((q) => `  let columns${q} = (4 * n${q} + vec4u(0, 1, 2, 3)) * depth;`)}\n`,
        fetches: '',
        weights: (q) =>
          `    let w${q} = transpose(mat4x4f(${['x', 'y', 'z', 'w'].map((c) => `b[columns${q}.${c} + k]`).join(', ')}));`,
        end: '',
        offset: '',
      }
    : {
        bShape: '[K, N / 4]',
        ideas: [
          'Loading b is what takes time. Its rows lie too far apart for a processor to guess which it will want, and loads of',
          '  eight lanes wait for one another. So lanes touch each cache line of it once, two turns before its numbers are',
          '  loaded. What they find goes into `fetched`, and that into an address, times 0, which no compiler knows.',
        ],
        setup: `  let line = min(first + ${LINE / 4} * (lane % ${linesOfRow}), width - 1);
  var fetched = 0u;
`,
        fetches,
        weights: (q) => `    let at${q} = 4 * k * width + n${q};
    let w${q} = mat4x4f(b[at${q}], b[at${q} + width], b[at${q} + 2 * width], b[at${q} + 3 * width]);`,
        end: '  let nothing = fetched & z0;\n',
        offset: 'nothing + ',
      };
  const blockOf = (q) => `min(first + ${LANES * q} + lane, width - 1)`;
  return `${otherHead({
    formula,
    aim,
    ideas: [`The tile has ${rows} × ${columns} results.`, ...apart.ideas, 'N and K are multiples of 4.'],
    tensors: `@group(0) @binding(1) var<storage, read> a: array<vec4f>;       // [M, K / 4]
@group(0) @binding(2) var<storage, read> b: array<vec4f>;       // ${apart.bShape}
@group(0) @binding(3) var<storage, read> bias: array<vec4f>;    // [N / 4]
@group(0) @binding(4) var<storage, read_write> y: array<vec4f>; // [M, N / 4]`,
  })}

/// The rows of this workgroup, and its columns from the four at \`first\` on.
fn product(group: vec3u, z0: u32, lane: u32, first: u32, ${each((q) => `start${q}: vec4f`, ', ')}) {
  let top = group.x * ${rows};
  let width = p.N / 4;
  let depth = p.K / 4;
${lines(rows / LANES, (r) => `  let row${r} = min(top + ${LANES * r} + lane, p.M - 1) * depth;`)}
${each((q) => `  let n${q} = ${blockOf(q)};`)}
${apart.setup}${lanes}
${lines(rows, (i) => each((q) => `  var c${i}_${q} = start${q};`))}
  for (var k = 0u; k < depth; k++) {
${apart.fetches}${lines(rows / LANES, (r) => `    let a${r} = a[row${r} + k];`)}
${each(apart.weights)}
${lines(
  rows,
  (i) => `    let x${i} = subgroupShuffle(a${Math.floor(i / LANES)}, z${i % LANES});
${each((q) => `    c${i}_${q} = accumulate(c${i}_${q}, x${i}, w${q});`)}`,
)}
  }
${apart.end}${lines(rows, (i) => each((q) => `  y[${apart.offset}min(top + ${i}, p.M - 1) * width + n${q}] = c${i}_${q};`))}
}

${entry('forward', `  product(group, groups.z - 1, lane, group.y * ${LANES * quads}, ${each(() => 'vec4f()', ', ')});`)}
${entry(
  'forward_bias',
  `  let width = p.N / 4;
  let first = group.y * ${LANES * quads};
  product(group, groups.z - 1, lane, first, ${each((q) => `bias[${blockOf(q)}]`, ', ')});`,
)}`;
};

const eight = { rows: 8, quads: 1, aim: 'For up to 8 rows on lavapipe: 1.2 to 1.9 times the `subgroup` variant.' };
const NN = { formula: 'y = a · b (+ bias)', isTransposed: false };
const NT = { formula: 'y = a · bᵀ (+ bias)', isTransposed: true };

export const few = {
  'matmulNN.unrolled8': product({ ...NN, ...eight }),
  'matmulNN.unrolled16': product({
    ...NN,
    rows: 16,
    quads: 2,
    aim: 'For up to 32 rows on a lavapipe of LLVM 22: 1.5 to 2.5 times the `subgroup` variant.',
  }),
  'matmulNT.unrolled8': product({ ...NT, ...eight }),
};
