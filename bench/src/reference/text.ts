/**
 * A plain matrix product as one would generate it for a single size on a software adapter: what our own kernels, which serve
 * any size, are held against. A workgroup is one subgroup, that is one SIMD register; its lanes lie along the columns of y.
 * A tile of y stays in variables, all written out. Each turn of the loop takes a few k: a lane loads those of one row of a,
 * and of one column of b for each of its columns, and rows of a go round by shuffles.
 */
import type { ProductKind, ProductSize } from '../product.js';

export interface ReferenceTile {
  /** Of a subgroup. */
  readonly lanes: number;
  /** Of the tile; a multiple of the lanes. */
  readonly rows: number;
  /** Of the tile that belong to one lane, so many lanes apart. */
  readonly columns: number;
  /** How many k a turn of the loop takes; a multiple of 4. */
  readonly unroll: number;
}

export interface ReferenceText {
  readonly wgsl: string;
  /** Along rows, then along columns, so that workgroups in a row share columns of b. */
  readonly grid: readonly [number, number];
}

const each = (count: number, line: (i: number) => string): string =>
  Array.from({ length: count }, (_, i) => line(i)).join('\n');

/** @throws Error where the tile does not divide the size */
export function referenceText(kind: ProductKind, { M, N, K }: ProductSize, tile: ReferenceTile): ReferenceText {
  const { lanes, rows, columns, unroll } = tile;
  const width = lanes * columns;
  if (M % rows || N % width || K % unroll || rows % lanes || unroll % 4)
    throw new Error(`reference: tiles of ${rows} × ${width}, ${unroll} k a turn, must divide M=${M}, N=${N}, K=${K}.`);
  /** Names x0_0 to x0_3 for the next four k of a line that lies along k. */
  const alongK = (name: string, array: string, line: string): string =>
    each(
      unroll / 4,
      (q) => `    let ${name}v${q} = ${array}[(${line}) * ${K / 4} + k / 4 + ${q}];
${each(4, (c) => `    let ${name}_${4 * q + c} = ${name}v${q}.${'xyzw'[c]};`)}`,
    );
  const across = (name: string, array: string, at: string, length: number): string =>
    each(unroll, (u) => `    let ${name}_${u} = ${array}[(k + ${u}) * ${length} + ${at}];`);
  const loadA = (r: number): string =>
    kind === 'TN'
      ? across(`a${r}`, 'a', `top + ${lanes * r} + lane`, M)
      : alongK(`a${r}`, 'a', `top + ${lanes * r} + lane`);
  const loadB = (j: number): string =>
    kind === 'NT' ? alongK(`b${j}`, 'b', `n + ${lanes * j}`) : across(`b${j}`, 'b', `n + ${lanes * j}`, N);
  // From a lane that the compiler does not know, a shuffle is one instruction.
  const shuffled = (i: number, u: number): string =>
    `subgroupShuffle(a${Math.floor(i / lanes)}_${u}, zero + ${i % lanes})`;
  const sum = (i: number, u: number): string => `    let x${i}_${u} = ${shuffled(i, u)};
${each(columns, (j) => `    c${i}_${j} = fma(x${i}_${u}, b${j}_${u}, c${i}_${j});`)}`;
  const wgsl = `enable subgroups;
@group(0) @binding(0) var<storage, read> a: array<${kind === 'TN' ? 'f32' : 'vec4f'}>;
@group(0) @binding(1) var<storage, read> b: array<${kind === 'NT' ? 'vec4f' : 'f32'}>;
@group(0) @binding(2) var<storage, read_write> y: array<f32>;

@compute @workgroup_size(${lanes})
fn product(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let zero = groups.z - 1;
  let top = group.x * ${rows};
  let n = group.y * ${width} + lane;
${each(rows, (i) => each(columns, (j) => `  var c${i}_${j} = 0f;`))}
  for (var k = 0u; k < ${K}; k += ${unroll}) {
${each(rows / lanes, loadA)}
${each(columns, loadB)}
${each(rows, (i) => each(unroll, (u) => sum(i, u)))}
  }
${each(rows, (i) => each(columns, (j) => `  y[(top + ${i}) * ${N} + n + ${lanes * j}] = c${i}_${j};`))}
}
`;
  return { wgsl, grid: [M / rows, N / width] };
}
