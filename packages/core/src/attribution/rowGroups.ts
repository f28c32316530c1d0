/**
 * Scored rows in groups whose scores are kept apart: those of each example, or of each place in a text. All groups are scored
 * in one pass: the product over a row is the same, only the sums differ.
 */
import type { Nodes } from '../circuit/nodes.js';
import type { Batch } from '../task/batch.js';
import type { Example } from '../task/example.js';
import type { ScoreRows } from '../task/scoreRows.js';

/** Positions by what they are: 0 … count − 1, or of no group. */
export interface Places {
  readonly count: number;
  readonly of: (example: Example, position: number) => number | undefined;
}

export interface RowGroups {
  readonly count: number;
  /** Groups begin and end at multiples of this. */
  readonly step: number;
}

/** Rows of each batch, and where its groups begin and end. */
export interface GroupedRows {
  readonly rows: readonly ScoreRows[];
  readonly groups: RowGroups;
  /** [count + 1] of each batch. */
  readonly starts: readonly Uint32Array[];
}

/** Rows that kernels sum as one at the most. */
const LONGEST_STEP = 8;

/** What every WebGPU device binds. */
const MOST_BYTES = 2 ** 27;

/** As many groups as have room for their scores, at least one. */
export const groupsAtOnce = ({ sources, reads }: Nodes, bytes = MOST_BYTES): number =>
  Math.max(1, Math.floor(Math.min(bytes, MOST_BYTES) / (4 * sources.length * reads.length)));

/** How many at once, where `count` of them run in as few runs as `most` allows: runs of one size. */
export const evenly = (count: number, most: number): number => Math.ceil(count / Math.ceil(count / most));

/** Groups of so many rows each, which follow each other as they are. */
export const evenGroups = (rows: readonly ScoreRows[], count: number, length: number): GroupedRows => {
  const starts = Uint32Array.from({ length: count + 1 }, (_, g) => g * length);
  let step = 1;
  while (step < LONGEST_STEP && length % (2 * step) === 0) step *= 2;
  return { rows, groups: { count, step }, starts: rows.map(() => starts) };
};

export const byPlace = (batches: readonly Batch[], rows: readonly ScoreRows[], { count, of }: Places): GroupedRows =>
  inGroups(rows, count, (i, m) => {
    const { T, examples } = batches[i]!;
    const { example, clean } = rows[i]!;
    return of(examples[example[m]!]!, clean[m]! % T);
  });

export const byExample = (rows: readonly ScoreRows[], count: number): GroupedRows =>
  inGroups(rows, count, (i, m) => rows[i]!.example[m]);

/** A quarter more rows are worth sums of longer blocks. */
const WORTH = 1.25;

/** Listed rows put in the order of their groups. Rows of weight 0 fill each up to a whole step. */
function inGroups(
  rows: readonly ScoreRows[],
  count: number,
  groupOf: (batch: number, row: number) => number | undefined,
): GroupedRows {
  const members = rows.map(({ valid }, i) => {
    const lists = Array.from({ length: count }, (): number[] => []);
    for (let m = 0; m < valid; m++) lists[groupOf(i, m) ?? count]?.push(m);
    return lists;
  });
  const longest = (step: number): number =>
    Math.max(...members.map((lists) => lists.reduce((sum, list) => sum + roundUp(list.length, step), 0)));
  let step = LONGEST_STEP;
  while (step > 1 && longest(step) > WORTH * longest(1)) step /= 2;
  const M = Math.max(LONGEST_STEP, roundUp(longest(step), LONGEST_STEP));
  const placed = members.map((lists, i) => place(rows[i]!, lists, step, M));
  return {
    rows: placed.map((it) => it.rows),
    groups: { count, step },
    starts: placed.map(({ starts }) => starts),
  };
}

function place(
  rows: ScoreRows,
  lists: readonly (readonly number[])[],
  step: number,
  M: number,
): { rows: ScoreRows; starts: Uint32Array } {
  const order = new Uint32Array(M);
  const weight = new Float32Array(M);
  const starts = new Uint32Array(lists.length + 1);
  let at = 0;
  for (const [g, list] of lists.entries()) {
    starts[g] = at;
    order.set(list, at);
    for (const [k, m] of list.entries()) weight[at + k] = rows.weight[m]!;
    at += roundUp(list.length, step);
  }
  starts[lists.length] = at;
  const taken = (of: Uint32Array): Uint32Array => Uint32Array.from(order, (m) => of[m]!);
  const { clean, corrupt, example, times } = rows;
  return {
    starts,
    rows: {
      M,
      valid: M,
      clean: taken(clean),
      corrupt: taken(corrupt),
      example: taken(example),
      times: taken(times),
      weight,
    },
  };
}

const roundUp = (value: number, to: number): number => Math.ceil(value / to) * to;
