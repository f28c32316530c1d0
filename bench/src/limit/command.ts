/** `pnpm bench limit`: what steps must at least compute and move, for each model; nothing runs. */
import { command } from '../command.js';
import { intoDocs } from '../docs.js';
import { count, oneOf } from '../flags.js';
import { digits, markdown } from '../markdown.js';
import { shapeOf } from '../shapes.js';
import { partsOf, stepsOf, type Parts, type Steps, type StepsShape } from './steps.js';

const HELP = `bench limit: FLOPs and bytes that steps must at least compute and move

  --model A,B      gpt2, gpt2-medium, smollm2-135m, llama-3.2-1b, embedded, small, tiny, or a config.json
  --batch B        examples of a step (8)
  --tokens T       tokens of an example (32)
  --optimizer NAME sgd (default) or adamw
  --tuned SHARE    of the layers' weights, in a masked step (0.1)
  --docs           also puts it into docs/performance.md
  --json           all of it as JSON`;

const partTitles: Record<keyof Parts, string> = {
  forward: 'forward',
  toActivations: 'backward to activations',
  weightGradients: 'weight gradients',
  update: 'update of all parameters',
  deltas: 'attribution: deltas of sources',
  reads: 'attribution: gradients at reads',
  pairs: 'attribution: products of pairs',
};

const stepTitles: Record<keyof Steps, string> = {
  full: 'plain full step',
  score: 'the search alone',
  masked: 'masked step',
  search: 'search + masked step',
  sharedSearch: 'search + masked step on one forward pass',
  amortised8: 'a search every 8 steps, per step',
  scoreAnswers: 'the search of the answers alone',
  answers: 'search of the answers alone + masked step',
  sharedAnswers: 'search of the answers alone + masked step on one forward pass',
};

export const limit = command(
  {
    help: HELP,
    options: {
      model: { type: 'string', default: 'gpt2,gpt2-medium,smollm2-135m,llama-3.2-1b,embedded' },
      batch: { type: 'string', default: '8' },
      tokens: { type: 'string', default: '32' },
      optimizer: { type: 'string', default: 'sgd' },
      tuned: { type: 'string', default: '0.1' },
      docs: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
    },
  },
  async (values) => {
    const shape: StepsShape = {
      B: count('--batch', values.batch),
      T: count('--tokens', values.tokens),
      optimizer: oneOf('--optimizer', values.optimizer, ['sgd', 'adamw']),
      tuned: Number(values.tuned),
    };
    const found = values.model.split(',').map((model) => {
      const config = shapeOf(model);
      return { model, parts: partsOf(config, shape), steps: stepsOf(config, shape) };
    });
    if (values.docs) intoDocs('limit', printLimit(shape, found));
    console.log(values.json ? JSON.stringify({ shape, models: found }, null, 2) : printLimit(shape, found));
    return 0;
  },
);

interface Found {
  readonly model: string;
  readonly parts: Parts;
  readonly steps: Steps;
}

function printLimit({ B, T, optimizer, tuned }: StepsShape, found: readonly Found[]): string {
  const models = found.map(({ model }) => model);
  const amounts = (Object.keys(partTitles) as (keyof Parts)[]).map((name) => [
    partTitles[name],
    ...found.map(({ parts }) => `${digits(parts[name].flops / 1e9)} / ${digits(parts[name].bytes / 1e9)}`),
  ]);
  const ratios = (Object.keys(stepTitles) as (keyof Steps)[]).map((name) => [
    stepTitles[name],
    ...found.map(({ steps }) => digits(steps[name].flops / steps.full.flops)),
  ]);
  return [
    `B ${B}, T ${T}, ${optimizer}, ${tuned} of the layers' weights tuned`,
    '',
    markdown(['GFLOP / GB', ...models], amounts),
    '',
    markdown(['FLOPs over those of a plain full step', ...models], ratios),
  ].join('\n');
}
