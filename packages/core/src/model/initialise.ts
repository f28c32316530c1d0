/**
 * Random weights to train a model from nothing: GPT-2's own recipe (Radford et al. 2019, section 2.3; the numbers are in
 * https://github.com/openai/gpt-2 and transformers' GPT2PreTrainedModel): matrices and embeddings N(0, 0.02), what writes
 * to the residual stream divided by √(2L), biases 0, norms 1.
 */
import { Random } from '../task/random.js';
import type { ModelConfig } from './config.js';
import { parameterShapes } from './parameters.js';
import type { Parameters } from './weights.js';

const DEVIATION = 0.02;

/** Every parameter has a stream of its own, so its values depend on seed, name order and shape alone. */
export function initialise(config: ModelConfig, seed: number): Parameters {
  const shapes = parameterShapes(config);
  return {
    async read(name, rows) {
      const at = shapes.findIndex((parameter) => parameter.name === name);
      const { kind, shape } = shapes[at]!;
      const size = shape.reduce((product, length) => product * length, 1);
      const values = new Float32Array(size);
      if (kind === 'norm') values.fill(name.endsWith('.w') ? 1 : 0);
      else if (kind !== 'bias') {
        const random = new Random(seed, at);
        const writes = /\.W_(O|out)$/.test(name);
        const deviation = writes ? DEVIATION / Math.sqrt(2 * config.L) : DEVIATION;
        for (let i = 0; i < size; i++) values[i] = deviation * random.normal();
      }
      const width = size / shape[0]!;
      return rows ? values.slice(rows.from * width, rows.to * width) : values;
    },
  };
}
