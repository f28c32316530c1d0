/**
 * Benjamini and Hochberg's correction for many tests (1995, https://doi.org/10.1111/j.2517-6161.1995.tb02031.x): with
 * p-values in ascending order, q(i) = min over j ≥ i of p(j) · m / j. Among the tests with q ≤ level, the expected share of
 * false ones is at most `level`, where tests are independent or depend on each other positively.
 */
export function adjusted(p: Float64Array): Float64Array<ArrayBuffer> {
  const order = Uint32Array.from(p.keys()).sort((a, b) => p[a]! - p[b]! || a - b);
  const q = new Float64Array(p.length);
  let least = 1;
  for (let rank = p.length; rank > 0; rank--) {
    const i = order[rank - 1]!;
    least = Math.min(least, (p[i]! * p.length) / rank);
    q[i] = least;
  }
  return q;
}
