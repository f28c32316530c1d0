/**
 * The tail of each example: the rows from the first that is scored, or read by the metric, to the last.
 *
 * The metric reads no row behind them, and positions before them are not scored. A gradient never goes forward in time, so
 * those at the tail's rows come from the tail's rows alone: once the whole side has run, the tail is run again, looking at
 * the keys and values that the others left, and this small pass is all that is differentiated. The scores are the same but
 * for rounding. With one target an example the tail is one row of T.
 */
import type { Graph } from '../graph/graph.js';
import type { Value } from '../graph/value.js';
import { PlainStream } from '../model/stream.js';
import { behind, causal, tokenInputs, transformer, type Architecture, type Heads } from '../model/transformer.js';
import type { Batch } from '../task/batch.js';
import type { Inputs } from '../task/feed.js';
import type { Objective } from '../task/objective.js';
import type { ScoreRows } from '../task/scoreRows.js';

/** A batch cut to its tails. Rows of `objective` and `rows.clean` count among the B · Q that are left. */
export interface TailBatch {
  readonly objective: Objective;
  readonly rows: ScoreRows;
  readonly inputs: Inputs;
}

export interface Tails {
  /** Rows of each example. */
  readonly Q: number;
  readonly batches: readonly TailBatch[];
}

interface Read {
  readonly batch: Batch;
  readonly objective: Objective;
  readonly rows: ScoreRows;
}

/**
 * Undefined where tails are longer than half of an example: a row that is run twice and differentiated once costs about
 * what two cost that are only differentiated. One Q serves all batches, for one program scores them; it is a power of two, so
 * that other searches may take the program too.
 */
export function tailsOf(read: readonly Read[]): Tails | undefined {
  const { T } = read[0]!.batch;
  const ranges = read.map(rangesOf);
  const longest = Math.max(...ranges.flat().map(({ first, last }) => last - first + 1));
  const Q = 2 ** Math.ceil(Math.log2(longest));
  if (2 * Q > T) return undefined;
  return {
    Q,
    batches: read.map((it, i) =>
      cut(
        it,
        Uint32Array.from(ranges[i]!, ({ first }) => Math.min(first, T - Q)),
        Q,
      ),
    ),
  };
}

/** Of each row of the batch, the first and the last position that anything is read off; of a dummy the first position. */
function rangesOf({ batch: { B, T }, objective, rows }: Read): { first: number; last: number }[] {
  const ranges = Array.from({ length: B }, () => ({ first: T, last: 0 }));
  for (const n of [...objective.rows.subarray(0, objective.valid), ...rows.clean.subarray(0, rows.valid)]) {
    const range = ranges[Math.floor(n / T)]!;
    range.first = Math.min(range.first, n % T);
    range.last = Math.max(range.last, n % T);
  }
  return ranges.map(({ first, last }) => (first > last ? { first: 0, last: 0 } : { first, last }));
}

function cut({ batch: { B, T, clean }, objective, rows }: Read, first: Uint32Array, Q: number): TailBatch {
  const among = (n: number): number => Math.floor(n / T) * Q + (n % T) - first[Math.floor(n / T)]!;
  const taken = (of: Uint32Array): Uint32Array =>
    Uint32Array.from({ length: B * Q }, (_, n) => of[Math.floor(n / Q) * T + first[Math.floor(n / Q)]! + (n % Q)]!);
  return {
    objective: { ...objective, rows: objective.rows.map(among) },
    rows: { ...rows, clean: rows.clean.map(among) },
    inputs: { 'tail.tokens': taken(clean.tokens), 'tail.positions': taken(clean.positions), 'tail.first': first },
  };
}

export interface CleanSide {
  /** All rows, without gradients where there is a tail. */
  readonly whole: PlainStream;
  /** Where gradients are taken and sources are looked at: the tail's rows, or all. */
  readonly seen: PlainStream;
  /** What the unembedding reads at the rows of `seen`. */
  readonly x: Value;
}

/** The clean side run through the model; its last Q rows of each example once more where they alone are looked at. */
export function cleanSide(
  graph: Graph,
  architecture: Architecture,
  Q: number | undefined,
  whole: PlainStream = new PlainStream(graph),
): CleanSide {
  const tokens = tokenInputs(graph, 'clean.', architecture);
  const { mask } = tokens;
  const past: Heads[] = [];
  const attend = causal(graph, architecture, mask);
  const x = graph.within('clean', () =>
    transformer(graph, architecture, tokens, whole, (heads) => {
      past.push(heads);
      return attend(heads);
    }),
  );
  if (Q === undefined) return { whole, seen: whole, x };
  const { B, T } = architecture;
  const seen = new PlainStream(graph);
  const input = (name: string, length: number): Value => graph.input(`tail.${name}`, [length], 'u32');
  const ends = { tokens: input('tokens', B * Q), mask, positions: input('positions', B * Q) };
  const tail = { ...architecture, T: Q };
  const looking = behind(graph, tail, { heads: past, T, mask, first: input('first', B) });
  const end = graph.within('tail', () => transformer(graph, tail, ends, seen, looking));
  return { whole, seen, x: end };
}
