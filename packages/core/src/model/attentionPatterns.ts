/** Where the heads of a layer look. */
import { ConfigError } from '../errors.js';
import { Graph } from '../graph/graph.js';
import { attention } from '../ops/index.js';
import type { DeviceModel } from './deviceModel.js';
import { bucketOf, feedTexts, requireText } from './lastLogits.js';
import { PlainStream } from './stream.js';
import { tokenInputs, transformer } from './transformer.js';

/**
 * The attention of one layer on one prompt of T tokens, [H, T, T]: in row t how much token t looks at each token up to
 * itself, which sums to 1.
 * @throws TaskError for a prompt that the model cannot read; ConfigError where the model has no such layer.
 */
export async function attentionPatterns(
  model: DeviceModel,
  tokens: readonly number[],
  layer: number,
): Promise<Float32Array<ArrayBuffer>> {
  const { H, L } = model.config;
  requireText(tokens, model.config);
  if (!Number.isInteger(layer) || layer < 0 || layer >= L)
    throw new ConfigError({
      where: 'attention',
      rule: `the layer must be one of 0 to ${L - 1}`,
      got: layer,
      cure: 'Choose a head of this model',
    });
  const padded = bucketOf(tokens.length);
  const program = await model.program(JSON.stringify(['attention', padded, layer]), () => {
    const graph = new Graph();
    const shape = { B: 1, T: padded };
    transformer(graph, model.architecture(shape), tokenInputs(graph, '', shape), new PlainStream(graph));
    // what no fetched value depends on is not run, so layers above cost nothing
    const { pattern } = graph.calls.filter(({ op }) => op === attention)[layer]!.outs;
    return { graph, fetch: { pattern: pattern! } };
  });
  const { pattern } = await program.run(feedTexts([tokens], padded));
  const T = tokens.length;
  const trimmed = new Float32Array(H * T * T);
  for (let row = 0; row < H * T; row++) {
    const from = (Math.floor(row / T) * padded + (row % T)) * padded;
    trimmed.set(pattern!.subarray(from, from + T), row * T);
  }
  return trimmed;
}
