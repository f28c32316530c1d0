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
  const sizes = Float64Array.from(scores, Math.abs).sort();
  const m = sizes.length;
  const total = sizes.reduce((sum, size) => sum + size, 0);
  if (!(total > 0)) return undefined;
  let [entropy, ranked] = [0, 0];
  for (let i = 0; i < m; i++) {
    const share = sizes[i]! / total;
    if (share > 0) entropy -= share * Math.log(share);
    ranked += (2 * (i + 1) - m - 1) * share;
  }
  const top = (part: number): number =>
    sizes.subarray(m - Math.ceil(m * part)).reduce((sum, size) => sum + size, 0) / total;
  return {
    entropy,
    effective: Math.exp(entropy),
    evenness: m === 1 ? 1 : entropy / Math.log(m),
    gini: ranked / m,
    top1: top(0.01),
    top10: top(0.1),
  };
}
