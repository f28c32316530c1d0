/**
 * `pnpm bench ahead`: what it brings that a tuning step is sent to the device before the one before it is read
 * (packages/core/src/tuning/tune.ts). The same steps with and without, in turn, in one process.
 */
import { Tuning, type DeviceModel } from '@circuit-tuning/core';
import { kernels } from '@circuit-tuning/kernels-wgsl';
import { openGpu } from '@circuit-tuning/testkit';
import { command } from '../command.js';
import { intoDocs } from '../docs.js';
import { count } from '../flags.js';
import { digits, markdown } from '../markdown.js';
import { median } from '../sampling.js';
import { shapeOf } from '../shapes.js';
import { endless } from '../step/endless.js';
import { loadRandom, randomExamples } from '../step/randomModel.js';

const HELP = `bench ahead: steps that are sent before the last one is read, and steps that wait

  --samples N   rounds of 16 steps each (9)
  --docs        also puts it into docs/performance.md
  --json        every sample as JSON`;

const STEPS = 16;
const BATCHES = [8, 32] as const;

interface Row {
  readonly B: number;
  /** Milliseconds a step, of each round. */
  readonly waits: readonly number[];
  readonly ahead: readonly number[];
}

export const ahead = command(
  {
    help: HELP,
    options: {
      samples: { type: 'string', default: '9' },
      docs: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
    },
  },
  async (values) => {
    const samples = count('--samples', values.samples);
    const gpu = await openGpu();
    const model = await loadRandom(gpu, kernels, shapeOf('embedded'));
    const rows: Row[] = [];
    for (const B of BATCHES) rows.push(await inTurn(model, B, samples));
    model.session.dispose();
    gpu.dispose();
    const found = table(gpu.info.name, rows);
    if (values.docs) intoDocs('ahead', found);
    console.log(values.json ? JSON.stringify({ adapter: gpu.info.name, rows }, null, 2) : found);
    return 0;
  },
);

async function inTurn(model: DeviceModel, B: number, samples: number): Promise<Row> {
  const waits = sixteenSteps(model, B, () => false);
  // a round ends with its last step, and reads it
  const ahead = sixteenSteps(model, B, (step) => step % STEPS !== 0);
  const row = { B, waits: [] as number[], ahead: [] as number[] };
  // the first round compiles
  for (let round = 0; round <= samples; round++)
    for (const [way, steps] of [
      ['waits', waits],
      ['ahead', ahead],
    ] as const) {
      const ms = await steps();
      if (round > 0) row[way].push(ms);
    }
  return row;
}

/** Gives milliseconds a step, over the next 16 of a run that does not end. */
function sixteenSteps(model: DeviceModel, B: number, mayPass: (step: number) => boolean): () => Promise<number> {
  const examples = randomExamples(model.config, { T: 16, count: 4 * B });
  const events = new Tuning(model, examples, { ...endless, method: 'full', optimizer: 'adamw', batchSize: B }).run(
    mayPass,
  );
  return async () => {
    const start = performance.now();
    for (let step = 0; step < STEPS; step++) await events.next();
    return (performance.now() - start) / STEPS;
  };
}

const table = (adapter: string, rows: readonly Row[]): string =>
  [
    `${adapter}; the built-in model's sizes, 16 tokens, AdamW, all parameters; medians of 16 steps`,
    '',
    markdown(
      ['examples a step', 'ms, each step waited for', 'ms, sent ahead', 'ahead over waited for'],
      rows.map(({ B, waits, ahead }) => {
        const [slow, fast] = [median(waits), median(ahead)];
        return [`${B}`, digits(slow), digits(fast), digits(fast / slow)];
      }),
    ),
  ].join('\n');
