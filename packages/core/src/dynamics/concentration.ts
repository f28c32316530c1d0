/**
 * Whether few edges carry most of the score, or many a little each, with p(e) = |score(e)| / Σ |score|:
 *
 *   entropy H = −Σ p ln p (nats) · effective edges = e^H · evenness = H / ln m, m the edges of the graph
 *   Gini = Σ_i (2i − m − 1) |s(i)| / (m Σ |s|), |s| ascending, i from 1 (0: all equal; 1 − 1/m: one has all)
 *   share of the top 1% and 10%: Σ of the largest ⌈m/100⌉ and ⌈m/10⌉ of |s| over Σ |s|
 *
 * Misleads: the floor of scores that are noise counts with every edge, so a long tail hides a change among the strong
 * ones, which the shares of the top show; graphs of another m compare by evenness and shares, not by entropy.
 */
import { sortFloats } from './sortFloats.js';

export interface Concentration {
  readonly entropy: number;
  readonly effective: number;
  /** In [0, 1]; 1 for a graph of one edge. */
  readonly evenness: number;
  readonly gini: number;
  readonly top1: number;
  readonly top10: number;
}

/** Of all scores of a graph; undefined where every score is 0. */
export function concentrationOf(scores: ArrayLike<number>): Concentration | undefined {
  const m = scores.length;
  const sizes = ascendingSizes(scores);
  const total = sumFrom(sizes, 0);
  if (!(total > 0)) return undefined;
  let [entropy, ranked] = [0, 0];
  for (let i = 0; i < m; i++) {
    const share = sizes[i]! / total;
    if (share > 0) entropy -= share * Math.log(share);
    ranked += (2 * (i + 1) - m - 1) * share;
  }
  const top = (part: number): number => sumFrom(sizes, m - Math.ceil(m * part)) / total;
  return {
    entropy,
    effective: Math.exp(entropy),
    evenness: m === 1 ? 1 : entropy / Math.log(m),
    gini: ranked / m,
    top1: top(0.01),
    top10: top(0.1),
  };
}

function sumFrom(values: ArrayLike<number>, first: number): number {
  let sum = 0;
  for (let i = first; i < values.length; i++) sum += values[i]!;
  return sum;
}

/** Of millions of scores: plain loops. */
function ascendingSizes(scores: ArrayLike<number>): Float32Array | Float64Array {
  const isSingle = scores instanceof Float32Array;
  const sizes = isSingle ? new Float32Array(scores.length) : new Float64Array(scores.length);
  for (let i = 0; i < scores.length; i++) sizes[i] = Math.abs(scores[i]!);
  return sizes instanceof Float32Array ? sortFloats(sizes) : sizes.sort();
}
