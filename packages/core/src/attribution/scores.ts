/** What is asked of an attribution, and what comes out. */
import type { Ablation } from './ablation.js';
import type { Interval } from './bootstrap.js';
import type { AttributionMethod, RiemannSum } from './attributionMethods.js';
import type { Forward } from '../tuning/forward.js';
import type { Metric } from '../circuit/metric.js';
import type { Nodes } from '../circuit/nodes.js';

export interface AttributeOptions {
  readonly nodes: Nodes;
  readonly metric: Metric;
  /** Unless told: EAP. */
  readonly method?: AttributionMethod;
  /** Points on the way, of the methods that have one; 5 unless told. */
  readonly steps?: number;
  /** Where in a step its gradient is taken; as the method's source does unless told. */
  readonly riemann?: RiemannSum;
  /** What a source is replaced by. Means are those of these examples. */
  readonly ablation: Ablation;
  /** Positions the score sums over: all, or those where answers are read, which cost little more than a forward pass. */
  readonly positions: 'all' | 'answer';
  /** 'sum': products per position, summed. 'mean-then-dot': the authors' form, means over an example's rows first. */
  readonly combine?: 'sum' | 'mean-then-dot';
  readonly batchSize: number;
  /**
   * Bytes on the device for the deltas of sources while they are scored; fewer make more, smaller parts. 256 MiB unless told. At
   * most as many, 128 MiB unless told, are for scores that are kept apart; fewer make more passes.
   */
  readonly bytes?: number;
  /** Minutes that exact may take by its own estimate; 60 unless told. */
  readonly maxMinutes?: number;
  /** Keep the scores of each example too. Where those of a batch are more than `bytes`, fewer examples run at once. */
  readonly perExample?: boolean;
  /** T is rounded up to a multiple of this; 8 unless told. */
  readonly bucket?: number;
  /** Keep the forward pass of the clean side for a step; see `isOneForwardOf`. */
  readonly keep?: Forward;
  readonly onProgress?: (done: number, of: number) => void;
}

export interface Scores {
  readonly nodes: Nodes;
  /** [S, R], signed; 0 where there is no edge. Positive: the clean signal along this edge raises the metric. */
  readonly values: Float32Array<ArrayBuffer>;
  /** Mean of the metric on the clean side. */
  readonly metric: number;
  readonly examples: number;
  /** [S, R] of each example, where asked for; `values` is their mean. */
  readonly perExample?: readonly Float32Array<ArrayBuffer>[];
  /** Where the scores of other examples would lie, for rules that ask. */
  readonly interval?: Interval;
}

/** [S, R], summed in f64. */
export const meanScores = (each: readonly Float32Array[]): Float32Array<ArrayBuffer> =>
  Float32Array.from(each[0]!, (_, edge) => each.reduce((sum, scores) => sum + scores[edge]!, 0) / each.length);
