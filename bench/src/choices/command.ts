/** `pnpm bench choices`: whole steps with kernels chosen by the files of timings that ship, beside the same steps by rules alone. */
import type { Kernel } from '@circuit-tuning/core';
import { kernels as all } from '@circuit-tuning/kernels-wgsl';
import { openGpu, type Gpu } from '@circuit-tuning/testkit';
import { command } from '../command.js';
import { Meter } from '../device/meter.js';
import { count, several } from '../flags.js';
import { digits, markdown } from '../markdown.js';
import { interleaved, medianOf, type Case, type Clock } from '../sampling.js';
import { shapeOf } from '../shapes.js';
import { stepCases, stepNames, stepTitles, type StepName } from '../step/cases.js';
import { loadRandom, randomExamples } from '../step/randomModel.js';

const HELP = `bench choices: whole steps by the files of timings that ship, beside the same by rules alone, in turn

  --model A,B      embedded,gpt2,smollm2-135m unless told
  --layers N       so many layers at the most (4)
  --batch B        examples of a step (8)
  --tokens T       tokens of an example (32; of models that take fewer, as many as they do)
  --cases A,B      full,search,masked,circuit-sgd unless told
  --samples N      rounds (7)
  --json           all of it as JSON`;

interface Asked {
  readonly layers: number;
  readonly B: number;
  readonly T: number;
  readonly cases: readonly StepName[];
  readonly rounds: number;
}

export const choices = command(
  {
    help: HELP,
    options: {
      model: { type: 'string', default: 'embedded,gpt2,smollm2-135m' },
      layers: { type: 'string', default: '4' },
      batch: { type: 'string', default: '8' },
      tokens: { type: 'string', default: '32' },
      cases: { type: 'string', default: 'full,search,masked,circuit-sgd' },
      samples: { type: 'string', default: '7' },
      json: { type: 'boolean', default: false },
    },
  },
  async (values) => {
    const asked: Asked = {
      layers: count('--layers', values.layers),
      B: count('--batch', values.batch),
      T: count('--tokens', values.tokens),
      cases: several('--cases', values.cases, stepNames),
      rounds: count('--samples', values.samples),
    };
    const gpu = await openGpu({ exactTimestamps: true });
    const adapter = gpu.info.name;
    const rows: Compared[] = [];
    for (const model of values.model.split(',')) rows.push(...(await compared(gpu, model, asked)));
    gpu.dispose();
    console.log(values.json ? JSON.stringify({ adapter, rows }, null, 2) : print(adapter, rows));
    return 0;
  },
);

interface Compared {
  readonly model: string;
  readonly step: StepName;
  /** Milliseconds by rules, and by files over by rules; medians. */
  readonly byRules: Readonly<Partial<Record<Clock, number>>>;
  readonly over: Readonly<Partial<Record<Clock, number>>>;
}

const unmeasured: readonly Kernel[] = all.map((kernel) => ({ ...kernel, timings: [] }));
const clocks = ['wallMs', 'cpuMs', 'gpuMs'] as const;

async function compared(gpu: Gpu, model: string, { layers, B, T, cases, rounds }: Asked): Promise<Compared[]> {
  const whole = shapeOf(model);
  const config = { ...whole, L: Math.min(layers, whole.L) };
  const [files, rules] = [await loadRandom(gpu, all, config), await loadRandom(gpu, unmeasured, config)];
  const examples = (count: number) => randomExamples(config, { T: Math.min(T, config.T), count });
  const shape = { B, optimizer: 'sgd', ablation: 'mean' } as const;
  const named = async (by: string, device: typeof files): Promise<Case[]> =>
    (await stepCases(device, cases, shape, examples)).map((it) => ({ ...it, name: `${it.name} by ${by}` }));
  const [byFiles, byRules] = [await named('files', files), await named('rules', rules)];
  const pairs = byFiles.flatMap((it, i) => [it, byRules[i]!]);
  for (const { run } of pairs) await run();
  const meter = new Meter(gpu.device);
  const samples = await interleaved(pairs, rounds, meter, (line) => void process.stderr.write(`${model}: ${line}\n`));
  meter.dispose();
  for (const device of [files, rules]) {
    device.dispose();
    device.session.dispose();
  }
  return cases.map((step) => {
    const of = (by: string, clock: Clock): number => medianOf(samples, `${step} by ${by}`, clock) ?? NaN;
    return {
      model,
      step,
      byRules: Object.fromEntries(clocks.map((clock) => [clock, of('rules', clock)])),
      over: Object.fromEntries(clocks.map((clock) => [clock, of('files', clock) / of('rules', clock)])),
    };
  });
}

function print(adapter: string, rows: readonly Compared[]): string {
  const lines = rows.map(({ model, step, byRules, over }) => [
    `${model}: ${stepTitles[step]}`,
    digits(byRules.cpuMs),
    ...clocks.map((clock) => digits(over[clock])),
  ]);
  const head = ['step', 'by rules, CPU ms', 'by files over it, wall', 'CPU time', 'GPU time'];
  return `${adapter}\n\n${markdown(head, lines)}`;
}
