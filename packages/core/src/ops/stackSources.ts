import { defineOp } from '../op.js';

/**
 * stacked[m, s0 + g] = x[g, m] for g < G; the other sources stay as they are.
 * What nodes write, one after the other, becomes a block in which all sources of a position lie together: the form
 * that `edgeScore` reads.
 */
export const stackSources = defineOp({
  name: 'stackSources',
  inputs: { into: 'M S D', x: 'G M D' },
  outputs: { stacked: 'M S D' },
  inPlace: { stacked: 'into' },
  attrs: { s0: 0 },
  forward({ into, x }, { M, D, S, G, s0 }) {
    const stacked = into.slice();
    for (let g = 0; g < G; g++)
      for (let m = 0; m < M; m++) stacked.set(x.subarray((g * M + m) * D, (g * M + m + 1) * D), (m * S + s0 + g) * D);
    return { stacked };
  },
});
