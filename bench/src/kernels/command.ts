/** `pnpm bench kernels`: each variant of each op beside the naive one, at the sizes of real models. */
import { LimitError, precisions, type Kernel, type Precision } from '@circuit-tuning/core';
import { kernels as all } from '@circuit-tuning/kernels-wgsl';
import { openGpu, type Gpu } from '@circuit-tuning/testkit';
import { command } from '../command.js';
import { intoDocs } from '../docs.js';
import { count } from '../flags.js';
import { ceilingOf, type Ceiling } from './ceiling.js';
import { chosenFor } from './chosen.js';
import { printLongest } from './longest.js';
import { measure, measureReadable } from './measure.js';
import { printKernels, rowOf, type KernelsReport, type Row } from './report.js';
import { keep } from './results.js';
import { parseSize, passesAt, title, wantedKernels, workOf, type Work } from './work.js';

const docsModels = ['gpt2', 'smollm2-135m', 'llama-3.2-1b'] as const;

const HELP = `bench kernels [OP or KERNEL…]: times of all variants, beside the naive one; of all ops unless told

  --model A,B      at the sizes of these models: gpt2,smollm2-135m,llama-3.2-1b unless told
  --batch B        examples of a batch (8)
  --tokens T       tokens of an example (32)
  --size M=8,N=4   at one size of your own instead
  --cases          at the sizes that the kernels are tested at, too
  --precision f16  on a device opened for products of f16, where subgroup matrices may be had
  --no-naive       without the readable variants, which are slow at large sizes
  --chosen         only the kernels that a plan takes, beside the readable ones
  --docs           also puts the longest call of each op and model, of all that was ever kept, into docs/performance.md
  --json           all of it as JSON`;

export const kernels = command(
  {
    help: HELP,
    hasNames: true,
    options: {
      model: { type: 'string', default: docsModels.join(',') },
      batch: { type: 'string', default: '8' },
      tokens: { type: 'string', default: '32' },
      size: { type: 'string' },
      cases: { type: 'boolean', default: false },
      precision: { type: 'string', default: 'f32' },
      naive: { type: 'boolean', default: true },
      chosen: { type: 'boolean', default: false },
      docs: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
    },
  },
  async (values, names) => {
    const wanted = wantedKernels(names);
    const shape = { B: count('--batch', values.batch), T: count('--tokens', values.tokens) };
    const gpu = await openGpu({ exactTimestamps: true, precision: precisionOf(values.precision) });
    const work = values.size
      ? [...new Set(wanted.map(({ op }) => op.name))].flatMap((op) => passesAt(op, { dims: parseSize(values.size!) }))
      : workOf(gpu, wanted, { ...shape, models: values.model.split(','), isWithCases: values.cases });
    const say = (line: string): void => void process.stderr.write(`${line}\n`);
    const report = await measured(gpu, {
      wanted,
      work,
      isWithNaive: values.naive,
      isOnlyChosen: values.chosen,
      isKept: !values.size,
      say,
    });
    gpu.dispose();
    console.log(values.json ? JSON.stringify(report, null, 2) : printKernels(report));
    const untimed = wanted.map(({ name }) => name).filter((name) => !report.rows.some(({ kernel }) => kernel === name));
    if (untimed.length > 0) say(`not for this adapter, or not for these sizes: ${untimed.join(', ')}`);
    if (values.size) return 0;
    const kept = keep(report);
    say(`kept in ${kept.file}`);
    if (values.docs) intoDocs('kernels', printLongest(kept, docsModels));
    return 0;
  },
);

function precisionOf(text: string): Precision {
  const found = precisions.find((precision) => precision === text);
  if (found) return found;
  throw new Error(`--precision: must be one of ${precisions.join(', ')}, got '${text}'.`);
}

interface Asked {
  readonly wanted: readonly Kernel[];
  readonly work: readonly Work[];
  readonly isWithNaive: boolean;
  readonly isOnlyChosen: boolean;
  readonly isKept: boolean;
  readonly say: (line: string) => void;
}

async function measured(gpu: Gpu, asked: Asked): Promise<KernelsReport> {
  const { work, isKept, say } = asked;
  const ceiling: Ceiling = await ceilingOf(gpu);
  const rows: Row[] = [];
  for (const [i, call] of work.entries()) {
    say(`${i + 1} of ${work.length}: ${call.op} ${call.pass} ${title(call.case)}`);
    try {
      rows.push(...(await rowsOf(gpu, call, ceiling, asked)));
    } catch (error) {
      // the model itself would be scored in parts
      if (!(error instanceof LimitError)) throw error;
      say(`left out: ${error.message}`);
    }
    // whoever stops a long run keeps what it has
    if (isKept) keep({ adapter: gpu.info.name, ceiling, rows });
  }
  return { adapter: gpu.info.name, ceiling, rows };
}

async function rowsOf(
  gpu: Gpu,
  call: Work,
  ceiling: Ceiling,
  { wanted, isWithNaive, isOnlyChosen }: Asked,
): Promise<Row[]> {
  const { op, pass, case: aCase } = call;
  const chosen = chosenFor(gpu, all, call);
  const naive = isWithNaive ? all.find(({ name }) => name === op) : undefined;
  const plain = naive && (await measureReadable(gpu, all, naive, aCase, pass));
  const variants = wanted.filter(
    (kernel) =>
      kernel.op.name === op && (isWithNaive || kernel.name !== op) && (!isOnlyChosen || kernel.name === chosen),
  );
  const rows: Row[] = [];
  for (const kernel of new Set([...(naive ? [naive] : []), ...variants])) {
    const timing = kernel === naive ? plain : await measure(gpu, all, kernel, aCase, pass);
    if (!timing) continue;
    const others = { naive: kernel === naive ? undefined : plain, ceiling, isChosen: kernel.name === chosen };
    rows.push(rowOf(kernel, call, { timing, ...others }));
  }
  return rows;
}
