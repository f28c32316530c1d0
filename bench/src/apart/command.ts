/**
 * `pnpm bench apart`: what it costs that a search keeps the scores of each example, or of each place in a text, beside a search
 * that sums them all; and what it would cost to find them one after the other.
 */
import { attribute, attributeByPlace, byPosition, nodesOf, type DeviceModel } from '@circuit-tuning/core';
import { kernels } from '@circuit-tuning/kernels-wgsl';
import { openGpu } from '@circuit-tuning/testkit';
import { command } from '../command.js';
import { Meter } from '../device/meter.js';
import { intoDocs } from '../docs.js';
import { count, oneOf } from '../flags.js';
import { digits, markdown } from '../markdown.js';
import { interleaved, medianOf, type Case, type Samples } from '../sampling.js';
import { shapeNames, shapeOf } from '../shapes.js';
import { loadRandom, randomExamples } from '../step/randomModel.js';

const HELP = `bench apart: scores of each example and of each place, in one pass and one after the other

  --model NAME   shapes of weights: ${shapeNames.join(', ')} (small)
  --B N          examples, all of one batch (8)
  --T N          tokens of each (32)
  --samples N    rounds (5)
  --docs         also puts it into docs/performance.md
  --json         every sample as JSON`;

export const apart = command(
  {
    help: HELP,
    options: {
      model: { type: 'string', default: 'small' },
      B: { type: 'string', default: '8' },
      T: { type: 'string', default: '32' },
      samples: { type: 'string', default: '5' },
      docs: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
    },
  },
  async (values) => {
    const shape = { B: count('--B', values.B), T: count('--T', values.T) };
    const rounds = count('--samples', values.samples);
    const name = oneOf('--model', values.model, shapeNames);
    const gpu = await openGpu();
    const meter = new Meter(gpu.device);
    const model = await loadRandom(gpu, kernels, shapeOf(name));
    const cases = casesOf(model, shape);
    for (const { run } of cases) await run();
    const samples = await interleaved(cases, rounds, meter, (line) => process.stderr.write(`${line}\n`));
    model.dispose();
    model.session.dispose();
    meter.dispose();
    gpu.dispose();
    const told = `${gpu.info.name}; ${name}, B ${shape.B}, T ${shape.T}, patching, medians\n\n${table(samples)}`;
    if (values.docs) intoDocs('apart', told);
    console.log(
      values.json ? JSON.stringify({ adapter: gpu.info.name, model: name, ...shape, samples }, null, 2) : told,
    );
    return 0;
  },
);

const PLAIN = 'a search';

function casesOf(model: DeviceModel, { B, T }: { readonly B: number; readonly T: number }): Case[] {
  const examples = randomExamples(model.config, { T, count: B });
  const nodes = nodesOf(model.config);
  const search = { nodes, metric: 'logit_diff', ablation: 'patching', positions: 'all', batchSize: B } as const;
  const each = { ...search, perExample: true };
  const places = { ...search, way: 'start' } as const;
  const does = (name: string, work: () => Promise<unknown>): Case => ({ name, run: async () => void (await work()) });
  return [
    does(PLAIN, () => attribute(model, examples, search)),
    does('of each example, in one pass', () => attribute(model, examples, each)),
    does('of each example, one after the other', () => attribute(model, examples, { ...each, batchSize: 1 })),
    does('of each place, in one pass', () => byPosition(model, examples, places)),
    does('of each place, one after the other', async () => {
      for (let place = 0; place < T; place++) {
        const of = (_: unknown, position: number): number | undefined => (position === place ? 0 : undefined);
        await attributeByPlace(model, examples, search, { count: 1, of });
      }
    }),
  ];
}

function table(samples: Samples): string {
  const times = (name: string) => (['wallMs', 'cpuMs'] as const).map((clock) => medianOf(samples, name, clock) ?? NaN);
  const plain = times(PLAIN);
  const rows = Object.keys(samples).map((name) => {
    const own = times(name);
    return [name, ...own.map((ms) => digits(ms)), ...own.map((ms, i) => digits(ms / plain[i]!))];
  });
  return markdown(['scores', 'ms', 'CPU ms', 'over a search', 'by CPU time'], rows);
}
