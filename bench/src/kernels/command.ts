/** `pnpm bench kernels`: each variant of each op beside the naive one, at the sizes of real models. */
import { parseArgs } from 'node:util';
import {
  capabilitiesOf,
  precisions,
  type Kernel,
  type KernelCase,
  type Precision,
  type Size,
} from '@circuit-tuning/core';
import { kernels as all } from '@circuit-tuning/kernels-wgsl';
import { openGpu, type Gpu } from '@circuit-tuning/testkit';
import { count } from '../flags.js';
import { shapeOf } from '../shapes.js';
import { ceilingOf, type Ceiling } from './ceiling.js';
import { measure, type Pass } from './measure.js';
import { modelCalls } from './modelCalls.js';
import { keep, printKernels, rowOf, title, type KernelsReport, type Row } from './report.js';

const HELP = `bench kernels [OP or KERNEL…]: times of all variants, beside the naive one; of all ops unless told

  --model A,B      at the sizes of these models: gpt2,smollm2-135m,llama-3.2-1b unless told
  --batch B        examples of a batch (8)
  --tokens T       tokens of an example (32)
  --size M=8,N=4   at one size of your own instead
  --cases          at the sizes that the kernels are tested at, too
  --precision f16  on a device opened for products of f16, where subgroup matrices may be had
  --no-naive       without the readable variants, which are slow at large sizes
  --json           all of it as JSON`;

/** @returns the exit code */
export async function kernels(args: string[]): Promise<number> {
  const { positionals, values } = parseArgs({
    args,
    allowPositionals: true,
    allowNegative: true,
    options: {
      model: { type: 'string', default: 'gpt2,smollm2-135m,llama-3.2-1b' },
      batch: { type: 'string', default: '8' },
      tokens: { type: 'string', default: '32' },
      size: { type: 'string' },
      cases: { type: 'boolean', default: false },
      precision: { type: 'string', default: 'f32' },
      naive: { type: 'boolean', default: true },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    console.log(HELP);
    return 0;
  }
  const wanted = wantedKernels(positionals);
  const shape = { B: count('--batch', values.batch), T: count('--tokens', values.tokens) };
  const gpu = await openGpu({ exactTimestamps: true, precision: precisionOf(values.precision) });
  const work = values.size
    ? [...new Set(wanted.map(({ op }) => op.name))].flatMap((op) => passesAt(op, { dims: parseSize(values.size!) }))
    : workOf(gpu, wanted, { ...shape, models: values.model.split(','), isWithCases: values.cases });
  const say = (line: string): void => void process.stderr.write(`${line}\n`);
  const report = await measured(gpu, { wanted, work, isWithNaive: values.naive, say });
  gpu.dispose();
  console.log(values.json ? JSON.stringify(report, null, 2) : printKernels(report));
  const untimed = wanted.map(({ name }) => name).filter((name) => !report.rows.some(({ kernel }) => kernel === name));
  if (untimed.length > 0) say(`not for this adapter, or not for these sizes: ${untimed.join(', ')}`);
  if (!values.size) say(`kept in ${keep(report)}`);
  return 0;
}

function precisionOf(text: string): Precision {
  const found = precisions.find((precision) => precision === text);
  if (found) return found;
  throw new Error(`--precision: must be one of ${precisions.join(', ')}, got '${text}'.`);
}

/** @throws Error for a name that is neither an op nor a kernel */
export function wantedKernels(names: readonly string[]): Kernel[] {
  const found = names.map((name) => all.filter((kernel) => kernel.name === name || kernel.op.name === name));
  const stranger = names[found.findIndex((kernels) => kernels.length === 0)];
  if (stranger !== undefined) {
    const ops = [...new Set(all.map((kernel) => kernel.op.name))].join(', ');
    throw new Error(`bench kernels: must be an op or a kernel, got '${stranger}'. There are ${ops}.`);
  }
  return names.length === 0 ? [...all] : [...new Set(found.flat())];
}

export interface Work {
  readonly op: string;
  readonly pass: Pass;
  readonly case: KernelCase;
}

const passesAt = (op: string, aCase: KernelCase): Work[] =>
  (['forward', 'backward'] as const).map((pass) => ({ op, pass, case: aCase }));

export function workOf(
  { device, info }: Gpu,
  wanted: readonly Kernel[],
  { models, B, T, isWithCases }: { models: readonly string[]; B: number; T: number; isWithCases: boolean },
): Work[] {
  const ops = new Set(wanted.map(({ op }) => op.name));
  const calls = models.flatMap((model) => modelCalls(shapeOf(model), capabilitiesOf(device, info), { B, T }));
  const work = calls.filter(({ op }) => ops.has(op.name)).map((call) => ({ ...call, op: call.op.name }));
  const own = isWithCases ? wanted.flatMap(({ op, cases }) => cases.flatMap((it) => passesAt(op.name, it))) : [];
  return [...new Map([...work, ...own].map((it) => [`${it.op} ${it.pass} ${title(it.case)}`, it])).values()];
}

async function measured(
  gpu: Gpu,
  {
    wanted,
    work,
    isWithNaive,
    say,
  }: { wanted: readonly Kernel[]; work: readonly Work[]; isWithNaive: boolean; say: (line: string) => void },
): Promise<KernelsReport> {
  const ceiling: Ceiling = await ceilingOf(gpu.device);
  const rows: Row[] = [];
  for (const [i, { op, pass, case: aCase }] of work.entries()) {
    say(`${i + 1} of ${work.length}: ${op} ${pass} ${title(aCase)}`);
    const naive = isWithNaive ? all.find(({ name }) => name === op) : undefined;
    const plain = naive && (await measure(gpu, all, naive, aCase, pass));
    const variants = wanted.filter((kernel) => kernel.op.name === op && (isWithNaive || kernel.name !== op));
    for (const kernel of new Set([...(naive ? [naive] : []), ...variants])) {
      const timing = kernel === naive ? plain : await measure(gpu, all, kernel, aCase, pass);
      if (!timing) continue;
      rows.push(rowOf(kernel, pass, aCase, { timing, naive: kernel === naive ? undefined : plain, ceiling }));
    }
  }
  return { adapter: gpu.info.name, ceiling, rows };
}

function parseSize(text: string): Size {
  const parts = text.split(',').map((part) => /^(\w+)=(\d+)$/.exec(part));
  if (parts.every((part) => part !== null)) return Object.fromEntries(parts.map((part) => [part[1], Number(part[2])]));
  throw new Error(`--size: takes letters with numbers, as in M=256,N=64,K=64, got '${text}'.`);
}
