import { expect, test } from 'vitest';
import { ropeFrequencies } from '../../src/model/rope.js';

// Expected numbers: transformers' formula in Python's f64, theta and scaling of Llama-3.2-1B's config.json.
const scaling = { factor: 32, lowFreqFactor: 1, highFreqFactor: 4, originalContext: 8192 };

const closeTo = (want: number) => ({
  asymmetricMatch: (got: unknown): boolean => Math.abs((got as number) / want - 1) < 1e-7,
});

test('pair j turns by theta^(-2j/E) a position', () => {
  const plain = ropeFrequencies({ theta: 500_000 }, 64);
  expect(plain).toHaveLength(32);
  expect([plain[0], plain[1], plain[17], plain[31]]).toEqual(
    [1, 0.6636012376960885, 0.0009384738703573801, 3.0138581521391708e-6].map(closeTo),
  );
});

test('llama3 scaling leaves short wavelengths, blends those between, and slows the long ones by the factor', () => {
  const scaled = ropeFrequencies({ theta: 500_000, scaling }, 64);
  expect([scaled[1], scaled[14]]).toEqual([0.6636012376960885, 0.0032114459947525913].map(closeTo));
  expect([scaled[15], scaled[16], scaled[17]]).toEqual(
    [0.001290547928209264, 0.00042955679655936815, 9.70828780262767e-5].map(closeTo),
  );
  expect([scaled[18], scaled[31]]).toEqual([1.9461638184831125e-5, 9.418306725434909e-8].map(closeTo));
});
