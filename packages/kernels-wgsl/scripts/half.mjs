/**
 * The products of operands rounded to f16 and summed in f32, `kernels/matmul??.f16.wgsl` (workgroup memory and registers) and
 * `kernels/matmul??.subgroupMatrix*.wgsl` (matrices of a subgroup: tensor cores). The three products differ in how their
 * operands lie, and the sizes of subgroup matrices must be literal: nine files, one script. `pnpm gen` writes them; a test
 * proves them fresh.
 */

/** Operands are [lines, k]: lines are rows of a and columns of b. `alongK`: numbers of a line are neighbours in memory. */
const forms = {
  NN: { formula: 'a · b', a: { alongK: true }, b: { alongK: false }, hasBias: true },
  NT: { formula: 'a · bᵀ', a: { alongK: true }, b: { alongK: true }, hasBias: true },
  TN: { formula: 'aᵀ · b', a: { alongK: false }, b: { alongK: false }, hasBias: false },
};

const shapeOf = ({ alongK }, lines) => (alongK ? `[${lines}, K]` : `[K, ${lines}]`);

/** \`at_a(line, k)\`: 0 beyond the edges. */
const reader = (name, lines, { alongK }) => `fn at_${name}(line: u32, k: u32) -> f32 {
  if (line < p.${lines} && k < p.K) { return ${name}[${alongK ? 'line * p.K + k' : `k * p.${lines} + line`}]; }
  return 0;
}`;

const head = ({ a, b, hasBias }) => `struct Params { M: u32, N: u32, K: u32 }

@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read> a: array<f32>;              // ${shapeOf(a, 'M')}
@group(0) @binding(2) var<storage, read> b: array<f32>;              // ${shapeOf(b, 'N')}
${hasBias ? '@group(0) @binding(3) var<storage, read> bias: array<f32>;           // [N]\n' : ''}@group(0) @binding(4) var<storage, read_write> y: array<f32>;        // [M, N]
@group(0) @binding(5) var<storage, read_write> scales: array<f32>;   // [M + N]
@group(0) @binding(6) var<storage, read> scales_in: array<f32>;      // [M + N]

${reader('a', 'M', a)}

${reader('b', 'N', b)}`;

const largest = (name, { alongK }) => {
  const [line, k] = alongK ? ['slow', 'fast'] : ['fast', 'slow'];
  return `    line = lines * 16 + ${line};
    for (var k = ${k}; k < p.K; k += 16) { most = max(most, abs(at_${name}(line, k))); }
    largest[${line} * 16 + ${k}] = most;`;
};

/** The first of the two dispatches: a power of two for each line. */
const scales = ({ a, b }) => `var<workgroup> largest: array<f32, 256>;

/// The power of two that brings this number to 2^14 or above, and below 2^15.
fn scaleOf(number: f32) -> f32 {
  let exponent = clamp(bitcast<u32>(number) >> 23, 15u, 254u);
  return bitcast<f32>((268 - exponent) << 23);
}

/// 1 / scale, exactly.
fn undo(scale: f32) -> f32 {
  return bitcast<f32>((254u << 23) - bitcast<u32>(scale));
}

/// A workgroup takes 16 lines, of a before those of b; neighbouring threads read neighbouring addresses.
@compute @workgroup_size(256)
fn forward_scales(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) thread: u32,
) {
  let fast = thread % 16;
  let slow = thread / 16;
  let place = group.x + group.y * groups.x;
  let of_a = (p.M + 15) / 16;
  let is_a = place < of_a;
  let lines = select(place - of_a, place, is_a);
  var line = 0u;
  var most = 0.0;
  if (is_a) {
${largest('a', a)}
  } else {
${largest('b', b)}
  }
  workgroupBarrier();
  line = lines * 16 + thread;
  if (thread >= 16 || line >= select(p.N, p.M, is_a)) { return; }
  most = 0;
  for (var i = 0u; i < 16; i++) { most = max(most, largest[thread * 16 + i]); }
  scales[select(p.M, 0u, is_a) + line] = scaleOf(most);
}`;

const why = `// Each line (row of a, column of b) is first scaled by a power of two, found by its largest number: f16 holds nothing below
// 6e-8, and gradients are often smaller. So an operand is off by 2^-11 of itself, or by 2^-39 of the largest of its line.
// Products of f16 numbers are exact in f32. Op: core/src/ops/matmul.ts`;

const tiled = (form) => {
  const { formula, a, b, hasBias } = form;
  const panel = (name, { alongK }) => {
    const [line, k] = alongK ? ['slow', 'fast'] : ['fast', 'slow'];
    const numbers = [0, 1, 2, 3].map((i) => `at_${name}(${name}_line${i ? ` + ${i}` : ''}, k + i)`).join(', ');
    return `    for (var i = ${k}; i < DEPTH; i += 16) {
      panel_${name}[i * STRIDE + ${line}] = vec4h(scale_${name} * vec4f(${numbers}));
    }`;
  };
  const entry = (name, start) => `@compute @workgroup_size(256)
fn ${name}(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) thread: u32) {
${start}
}
`;
  const bias = `  let n = min(vec4u(group.x * 64 + 4 * (thread % 16)) + vec4u(0, 1, 2, 3), vec4u(p.N - 1));
  product(group, thread, vec4f(bias[n.x], bias[n.y], bias[n.z], bias[n.w]));`;
  return `// y = ${formula}${hasBias ? ' (+ bias)' : ''}, of operands rounded to f16 and summed in f32. For GPUs, where asked for.
// Written by scripts/half.mjs.
//
${why}
//
// As in the \`tiled\` variant: 64 × 64 results a workgroup, 4 × 4 a thread, panels of k in workgroup memory. Half the bytes
// there, so panels are twice as deep.
enable f16;

${head(form)}

${scales(form)}

const DEPTH = 32u; // k of a panel
const STRIDE = 17u; // vectors from one k of a panel to the next; the 17th is padding
var<workgroup> panel_a: array<vec4h, DEPTH * STRIDE>;
var<workgroup> panel_b: array<vec4h, DEPTH * STRIDE>;

fn scalesOf(first: u32, line: u32, end: u32) -> vec4f {
  let i = first + min(vec4u(line) + vec4u(0, 1, 2, 3), vec4u(end - 1));
  return vec4f(scales_in[i.x], scales_in[i.y], scales_in[i.z], scales_in[i.w]);
}

fn store(m: u32, n: u32, sum: vec4f, start: vec4f) {
  if (m >= p.M) { return; }
  let columns = scalesOf(p.M, n, p.N);
  for (var j = 0u; j < 4; j++) {
    if (n + j < p.N) { y[m * p.N + n + j] = sum[j] * undo(scales_in[m]) * undo(columns[j]) + start[j]; }
  }
}

fn product(group: vec3u, thread: u32, start: vec4f) {
  let fast = thread % 16;
  let slow = thread / 16;
  let m = group.y * 64 + 4 * slow;
  let n = group.x * 64 + 4 * fast;
  let a_line = group.y * 64 + 4 * ${a.alongK ? 'slow' : 'fast'}; // of what this thread loads
  let b_line = group.x * 64 + 4 * ${b.alongK ? 'slow' : 'fast'};
  let scale_a = scalesOf(0, a_line, p.M);
  let scale_b = scalesOf(p.M, b_line, p.N);
  var y0 = vec4f();
  var y1 = vec4f();
  var y2 = vec4f();
  var y3 = vec4f();
  for (var k = 0u; k < p.K; k += DEPTH) {
    // Neighbouring threads read neighbouring addresses. Beyond the edges panels hold 0 and nothing is stored.
${panel('a', a)}
${panel('b', b)}
    workgroupBarrier();
    for (var i = 0u; i < DEPTH; i++) {
      let x = vec4f(panel_a[i * STRIDE + slow]);
      let w = vec4f(panel_b[i * STRIDE + fast]);
      y0 = fma(vec4f(x.x), w, y0);
      y1 = fma(vec4f(x.y), w, y1);
      y2 = fma(vec4f(x.z), w, y2);
      y3 = fma(vec4f(x.w), w, y3);
    }
    workgroupBarrier();
  }
  store(m, n, y0, start);
  store(m + 1, n, y1, start);
  store(m + 2, n, y2, start);
  store(m + 3, n, y3, start);
}

${entry('forward', '  product(group, thread, vec4f());')}${hasBias ? `\n${entry('forward_bias', bias)}` : ''}`;
};

const subgroupMatrix = (form, edge) => {
  const { formula, a, b, hasBias } = form;
  const block = 4 * edge;
  const fill = (name, { alongK }) => {
    const [line, k] = alongK ? ['i / DEPTH', 'i % DEPTH'] : ['i % BLOCK', 'i / BLOCK'];
    return `      panel_${name}[${line} * STRIDE + ${k}] = f16(scale_${name}[${line}] * at_${name}(${name}_first + ${line}, k + ${k}));`;
  };
  const left = `subgroup_matrix_left<f16, ${edge}, ${edge}>`;
  const right = `subgroup_matrix_right<f16, ${edge}, ${edge}>`;
  const result = `subgroup_matrix_result<f32, ${edge}, ${edge}>`;
  const quarters = [
    [0, 0],
    [0, 1],
    [1, 0],
    [1, 1],
  ];
  const entry = (name, first = '') => `@compute @workgroup_size(THREADS)
fn ${name}(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) thread: u32) {
${first}  product(group, thread);
}
`;
  const bias = `  for (var i = thread; i < BLOCK; i += THREADS) { start[i] = bias[min(group.x * BLOCK + i, p.N - 1)]; }\n`;
  return `// y = ${formula}${hasBias ? ' (+ bias)' : ''}, of operands rounded to f16 and summed in f32. For GPUs that multiply matrices of
// ${edge} × ${edge} numbers by a subgroup (tensor cores), where asked for. Written by scripts/half.mjs.
//
${why}
//
// ${block} × ${block} results a workgroup of four subgroups, each of which keeps four matrices of ${edge} × ${edge}. Panels of k lie in
// workgroup memory, line after line: a by rows, b by columns. Results leave by workgroup memory too, for nothing is known of
// which lane holds which number. Statements about subgroup matrices have lines of their own: the reflection of bindings
// cannot read them and leaves those lines out.
enable f16;
enable chromium_experimental_subgroup_matrix;
// A subgroup is LANES threads that follow each other, so what is said by its number is uniform. The compiler cannot know.
diagnostic(off, chromium.subgroup_matrix_uniformity);

override LANES: u32 = 32; // of a subgroup
override THREADS: u32 = 128; // four subgroups

${head(form)}

${scales(form)}

const EDGE = ${edge}u;
const BLOCK = ${block}u;
const DEPTH = 32u; // k of a panel
const STRIDE = 40u; // numbers from one line of a panel to the next; 8 are padding
var<workgroup> scale_a: array<f32, BLOCK>;
var<workgroup> scale_b: array<f32, BLOCK>;
var<workgroup> panel_a: array<f16, BLOCK * STRIDE>;
var<workgroup> panel_b: array<f16, BLOCK * STRIDE>;
var<workgroup> results: array<f32, 4 * EDGE * EDGE>;
${hasBias ? 'var<workgroup> start: array<f32, BLOCK>; // 0 unless written\n' : ''}
/// Writes the matrix that this subgroup left in workgroup memory; it begins at this row and column of the block.
fn store(group: vec3u, thread: u32, row: u32, column: u32) {
  workgroupBarrier();
  for (var i = thread % LANES; i < EDGE * EDGE; i += LANES) {
    let r = row + i / EDGE;
    let c = column + i % EDGE;
    let m = group.y * BLOCK + r;
    let n = group.x * BLOCK + c;
    if (m < p.M && n < p.N) {
      let sum = results[thread / LANES * EDGE * EDGE + i];
      y[m * p.N + n] = sum * undo(scale_a[r]) * undo(scale_b[c])${hasBias ? ' + start[c]' : ''};
    }
  }
  workgroupBarrier();
}

fn product(group: vec3u, thread: u32) {
  let a_first = group.y * BLOCK;
  let b_first = group.x * BLOCK;
  let subgroup = thread / LANES;
  let row = subgroup / 2 * 2 * EDGE; // of the block, where this subgroup's matrices begin
  let column = subgroup % 2 * 2 * EDGE;
  let place = subgroup * EDGE * EDGE;
  for (var i = thread; i < BLOCK; i += THREADS) {
    scale_a[i] = scales_in[min(a_first + i, p.M - 1)];
    scale_b[i] = scales_in[p.M + min(b_first + i, p.N - 1)];
  }
  workgroupBarrier();
${quarters.map(([r, c]) => `  var y${r}${c}: ${result};`).join('\n')}
  for (var k = 0u; k < p.K; k += DEPTH) {
    // Neighbouring threads read neighbouring addresses. Beyond the edges panels hold 0 and nothing is stored.
    for (var i = thread; i < BLOCK * DEPTH; i += THREADS) {
${fill('a', a)}
${fill('b', b)}
    }
    workgroupBarrier();
    for (var i = 0u; i < DEPTH; i += EDGE) {
      let x0 = subgroupMatrixLoad<${left}, row_major>(&panel_a, row * STRIDE + i, STRIDE);
      let x1 = subgroupMatrixLoad<${left}, row_major>(&panel_a, (row + EDGE) * STRIDE + i, STRIDE);
      let w0 = subgroupMatrixLoad<${right}, col_major>(&panel_b, column * STRIDE + i, STRIDE);
      let w1 = subgroupMatrixLoad<${right}, col_major>(&panel_b, (column + EDGE) * STRIDE + i, STRIDE);
${quarters.map(([r, c]) => `      y${r}${c} = subgroupMatrixMultiplyAccumulate(x${r}, w${c}, y${r}${c});`).join('\n')}
    }
    workgroupBarrier();
  }
${quarters
  .map(
    ([r, c]) => `  subgroupMatrixStore<row_major>(&results, place, y${r}${c}, EDGE);
  store(group, thread, row${r ? ' + EDGE' : ''}, column${c ? ' + EDGE' : ''});`,
  )
  .join('\n')}
}

${entry('forward')}${hasBias ? `\n${entry('forward_bias', bias)}` : ''}`;
};

/** By name of the file, without `.wgsl`. */
export const half = Object.fromEntries(
  Object.entries(forms).flatMap(([name, form]) => [
    [`matmul${name}.f16`, tiled(form)],
    [`matmul${name}.subgroupMatrix8`, subgroupMatrix(form, 8)],
    [`matmul${name}.subgroupMatrix16`, subgroupMatrix(form, 16)],
  ]),
);
