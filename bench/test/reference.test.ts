/** That the product which ours are held against is right where it runs, and refuses what its tiles do not divide. */
import { describe, expect, it } from 'vitest';
import { testGpu } from '@circuit-tuning/testkit';
import { openReference } from '../src/reference/open.js';
import { referenceText } from '../src/reference/text.js';

const gpu = await testGpu();
const lanes = gpu.info.subgroup?.min ?? 0;

describe('the reference product', () => {
  // It checks a sample of its results against sums in f64 before it may be timed.
  it.runIf(lanes === 8).each(['NN', 'NT', 'TN'] as const)('%s is right', async (kind) => {
    const tile = { lanes, rows: 8, columns: 1, unroll: 4 };
    const { dispose } = await openReference(gpu, kind, { M: 16, N: 24, K: 12 }, tile);
    dispose();
    expect(gpu.takeErrors()).toEqual([]);
  });

  it('says so where its tiles do not divide the size', () => {
    const tile = { lanes: 8, rows: 32, columns: 4, unroll: 4 };
    expect(() => referenceText('NN', { M: 40, N: 64, K: 8 }, tile)).toThrow(
      'reference: tiles of 32 × 32, 4 k a turn, must divide M=40, N=64, K=8.',
    );
  });
});
