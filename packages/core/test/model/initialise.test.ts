/** Random weights to start from: seeded, of the deviations of GPT-2. */
import { expect, it } from 'vitest';
import { initialise, parameterShapes, parseConfig } from '../../src/index.js';

const config = parseConfig({ model_type: 'gpt2', n_layer: 2, n_embd: 64, n_head: 4, n_positions: 16, vocab_size: 200 });
const deviation = (values: Float32Array): number => {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length);
};

it('draws matrices and embeddings from N(0, 0.02), and narrower what writes to the residual stream', async () => {
  const weights = initialise(config, 1);
  const wide = ['embed.W_E', 'blocks.0.attn.W_Q', 'blocks.1.mlp.W_in'];
  const narrow = ['blocks.0.attn.W_O', 'blocks.1.mlp.W_out'];
  for (const name of wide) expect(deviation(await weights.read(name)) / 0.02).toBeCloseTo(1, 1);
  for (const name of narrow) expect((deviation(await weights.read(name)) / 0.02) * 2).toBeCloseTo(1, 1);
});

it('starts norms at one and biases at zero', async () => {
  const weights = initialise(config, 1);
  expect(new Set(await weights.read('ln_final.w'))).toEqual(new Set([1]));
  for (const name of ['ln_final.b', 'blocks.0.attn.b_Q', 'blocks.1.mlp.b_out'])
    expect(new Set(await weights.read(name))).toEqual(new Set([0]));
});

it('gives the same numbers for one seed, whole or by rows, and others for another seed', async () => {
  for (const { name, shape } of parameterShapes(config)) {
    const whole = await initialise(config, 7).read(name);
    expect(await initialise(config, 7).read(name)).toEqual(whole);
    if (shape.length === 2)
      expect(await initialise(config, 7).read(name, { from: 3, to: 5 })).toEqual(whole.slice(3 * 64, 5 * 64));
  }
  expect(await initialise(config, 8).read('embed.W_E')).not.toEqual(await initialise(config, 7).read('embed.W_E'));
});
