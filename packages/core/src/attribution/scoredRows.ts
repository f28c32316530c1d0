/** The rows that an edge score sums over, in a graph: all of a batch, or those listed; and means of them by example. */
import type { Graph } from '../graph/graph.js';
import type { Value } from '../graph/value.js';
import { gatherRows, poolRows } from '../ops/index.js';
import type { RowGroups } from './rowGroups.js';

export interface ScoreShape {
  /** Objective: M rows, P ids. */
  readonly M: number;
  readonly P: number;
  /** Scored positions, when not all: rows `score.clean` (and `score.corrupt`), [R]. */
  readonly rows?: number;
  /**
   * Groups of the rows of the product, whose scores are kept apart; one of all unless told. The input `score.groups`,
   * [count + 1], tells where they begin and end.
   */
  readonly groups?: RowGroups;
  /** Rows of each example that gradients are taken at, when not all: see tail.ts. */
  readonly tail?: number;
  /** Mean over an example's rows before the product (METHOD of the paper's code) instead of a sum after it: examples. */
  readonly pooled?: number;
}

export class ScoredRows {
  /** Rows taken of a batch. */
  readonly count: number;
  /** Rows of the product: as many, or one for each example. */
  readonly length: number;
  readonly #graph: Graph;
  readonly #shape: ScoreShape;
  readonly #gathered = {
    clean: new Map<Value, Value>(),
    corrupt: new Map<Value, Value>(),
    at: new Map<Value, Value>(),
  };

  constructor(graph: Graph, { B, T }: { B: number; T: number }, shape: ScoreShape) {
    this.#graph = graph;
    this.#shape = shape;
    this.count = shape.rows ?? B * T;
    this.length = shape.pooled ?? this.count;
  }

  /** Whether they are listed, as rows of the clean and of the corrupted side, and `at` positions of their examples. */
  get areListed(): boolean {
    return this.#shape.rows !== undefined;
  }

  /** [N, …] → [count, …] */
  gathered(x: Value, which: 'clean' | 'corrupt' | 'at' = 'clean'): Value {
    const { rows } = this.#shape;
    if (rows === undefined) return x;
    const known = this.#gathered[which].get(x);
    if (known) return known;
    const [N, ...others] = x.shape;
    const list = this.#graph.input(`score.${which}`, [rows], 'u32');
    // The starts serve the gradient of a gather, which is not taken here.
    const starts = this.#graph.input(`score.${which}.starts`, [N! + 1], 'u32');
    const D = others.reduce((n, size) => n * size, 1);
    const options = { dims: { N: N!, D }, label: `${x.name}.rows` };
    const y = this.#graph.call(gatherRows, { x, rows: list, starts }, options).y!;
    this.#gathered[which].set(x, y);
    return y;
  }

  get isPooled(): boolean {
    return this.#shape.pooled !== undefined;
  }

  /** [groups, count, D] → [groups, length, D] */
  pool(x: Value, groups: number, D: number): Value {
    const { pooled } = this.#shape;
    if (pooled === undefined) return x;
    const weight = this.#graph.input('score.pool', [this.count]);
    const starts = this.#graph.input('score.pool.starts', [pooled + 1], 'u32');
    const options = { dims: { S: groups, M: this.count, D, B: pooled }, label: `${x.name}.pool` };
    return this.#graph.call(poolRows, { x, weight, starts }, options).y!;
  }
}
