/**
 * `pnpm bench host`: what the host takes for a dispatch while the device is at rest, and for which of its calls. `bench step`
 * measures the same in real steps, where the device is at work beside it.
 */
import { openGpu } from '@circuit-tuning/testkit';
import { command } from '../command.js';
import { threadCpuUs } from '../device/threadClock.js';
import { intoDocs } from '../docs.js';
import { count } from '../flags.js';
import { digits, markdown } from '../markdown.js';
import { median } from '../sampling.js';
import { waysOf, type Way } from './ways.js';

const HELP = `bench host: host time per dispatch, by call, on a device at rest

  --samples N   submits of each way (400)
  --docs        also puts it into docs/performance.md
  --json        every sample as JSON`;

/** Microseconds a dispatch: making the encoder and filling the pass, ending both, submitting. */
type Sample = readonly [encode: number, finish: number, submit: number];

interface Row {
  readonly way: string;
  readonly dispatches: number;
  readonly samples: Sample[];
}

/** What is called often is compiled by then. */
const WARM_UP = 100;

export const host = command(
  {
    help: HELP,
    options: {
      samples: { type: 'string', default: '400' },
      docs: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
    },
  },
  async (values) => {
    const rounds = count('--samples', values.samples);
    const { device, info, dispose } = await openGpu();
    const ways = waysOf(device);
    const rows = ways.map(({ name, dispatches }): Row => ({ way: name, dispatches, samples: [] }));
    for (let round = -WARM_UP; round < rounds; round++)
      for (const [i, way] of ways.entries()) {
        const sample = submitted(device, way);
        if (round >= 0) rows[i]!.samples.push(sample);
        await device.queue.onSubmittedWorkDone();
      }
    dispose();
    const found = table(info.name, rows);
    if (values.docs) intoDocs('host', found);
    console.log(values.json ? JSON.stringify({ adapter: info.name, rows }, null, 2) : found);
    return 0;
  },
);

/** By the thread's own clock, or the wall's where it has none. */
const now = (): number => threadCpuUs() ?? 1e3 * performance.now();

function submitted(device: GPUDevice, { dispatches, encode }: Way): Sample {
  const began = now();
  const encoder = device.createCommandEncoder();
  const pass = encoder.beginComputePass();
  encode(pass);
  const encoded = now();
  pass.end();
  const commands = encoder.finish();
  const finished = now();
  device.queue.submit([commands]);
  return [(encoded - began) / dispatches, (finished - encoded) / dispatches, (now() - finished) / dispatches];
}

function table(adapter: string, rows: readonly Row[]): string {
  const middle = (samples: readonly Sample[], of: (sample: Sample) => number): string =>
    digits(median(samples.map(of)));
  return [
    `${adapter}, Node ${process.version}; medians of ${rows[0]!.samples.length} submits, µs a dispatch, ${threadCpuUs() === undefined ? 'wall clock' : 'CPU time'}`,
    '',
    markdown(
      ['dispatches', 'in a submit', 'encoding', 'ending', 'submitting', 'in all'],
      rows.map(({ way, dispatches, samples }) => [
        way,
        String(dispatches),
        middle(samples, ([encode]) => encode),
        middle(samples, ([, finish]) => finish),
        middle(samples, ([, , submit]) => submit),
        middle(samples, (parts) => parts.reduce((sum, part) => sum + part)),
      ]),
    ),
  ].join('\n');
}
