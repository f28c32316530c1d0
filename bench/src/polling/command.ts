/**
 * `pnpm bench polling`: what Dawn's busy waiting in Node costs, and what is left of it once it is tamed
 * (packages/cli/src/adapter/polling.ts). The same waits are taken with and without, in turn, in one process.
 */
import { setImmediate as original } from 'node:timers';
import { Graph, gelu, matmulNN, Session, type Program, type Upload } from '@circuit-tuning/core';
import { kernels } from '@circuit-tuning/kernels-wgsl';
import { openGpu } from '@circuit-tuning/testkit';
import { command } from '../command.js';
import { workerCpuMs } from '../device/workerCpu.js';
import { intoDocs } from '../docs.js';
import { count } from '../flags.js';
import { digits, markdown } from '../markdown.js';
import { median } from '../sampling.js';

const HELP = `bench polling: waits for the device with Dawn's polling as it is, and tamed

  --samples N   of each (21)
  --docs        also puts it into docs/performance.md
  --json        every sample as JSON`;

interface Sample {
  readonly wall: number;
  /** CPU time of Node's main thread, and of all others; undefined where the system does not tell. */
  readonly main?: number;
  readonly device?: number;
}

type Way = 'as Dawn does it' | 'tamed';

interface Row {
  readonly wait: string;
  readonly way: Way;
  readonly samples: readonly Sample[];
}

export const polling = command(
  {
    help: HELP,
    options: {
      samples: { type: 'string', default: '21' },
      docs: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
    },
  },
  async (values) => {
    const samples = count('--samples', values.samples);
    const { device, info, dispose } = await openGpu();
    const { isSoftware, subgroup } = info;
    const session = new Session({ device, kernels, isSoftware, ...(subgroup && { subgroup }) });
    const rows = [
      ...(await waits('20 products of 256 × 256', await products(session, 256, 20), samples)),
      ...(await waits('nothing to speak of', await nothing(session), samples)),
    ];
    session.dispose();
    dispose();
    const found = table(info.name, rows);
    if (values.docs) intoDocs('polling', found);
    console.log(values.json ? JSON.stringify({ adapter: info.name, rows }, null, 2) : found);
    return 0;
  },
);

interface Work {
  readonly program: Program;
  readonly inputs: Readonly<Record<string, Upload>>;
}

async function products(session: Session, size: number, times: number): Promise<Work> {
  const graph = new Graph();
  const b = graph.input('b', [size, size]);
  let y = graph.input('a', [size, size]);
  for (let i = 0; i < times; i++) y = graph.call(matmulNN, { a: y, b }).y!;
  const zeros = new Float32Array(size ** 2);
  return { program: await session.compile(graph, { y }), inputs: { a: zeros, b: zeros } };
}

async function nothing(session: Session): Promise<Work> {
  const graph = new Graph();
  const { y } = graph.call(gelu, { x: graph.input('x', [1]) });
  return { program: await session.compile(graph, { y: y! }), inputs: { x: new Float32Array(1) } };
}

async function waits(wait: string, { program, inputs }: Work, samples: number): Promise<Row[]> {
  const tamed = globalThis.setImmediate;
  const ways = { 'as Dawn does it': original, tamed } as const;
  const rows = (Object.keys(ways) as Way[]).map((way) => ({ wait, way, samples: [] as Sample[] }));
  try {
    // the first round compiles
    for (let i = 0; i <= samples; i++)
      for (const { way, samples: taken } of rows) {
        globalThis.setImmediate = ways[way];
        const sample = await timed(() => program.run(inputs));
        if (i > 0) taken.push(sample);
      }
  } finally {
    globalThis.setImmediate = tamed;
  }
  return rows;
}

async function timed(work: () => Promise<unknown>): Promise<Sample> {
  const [start, all, others] = [performance.now(), process.cpuUsage(), workerCpuMs()];
  await work();
  const wall = performance.now() - start;
  const { user, system } = process.cpuUsage(all);
  const after = workerCpuMs();
  if (others === undefined || after === undefined) return { wall };
  const device = after - others;
  return { wall, main: Math.max(0, (user + system) / 1e3 - device), device };
}

function table(adapter: string, rows: readonly Row[]): string {
  const middle = (samples: readonly Sample[], of: keyof Sample): string => {
    const known = samples.flatMap((sample) => sample[of] ?? []);
    return known.length > 0 ? digits(median(known)) : '–';
  };
  return [
    `${adapter}; medians in ms`,
    '',
    markdown(
      ['waiting for', 'polling', 'wall', 'CPU, main thread', 'CPU, all others'],
      rows.map(({ wait, way, samples }) => [
        wait,
        way,
        middle(samples, 'wall'),
        middle(samples, 'main'),
        middle(samples, 'device'),
      ]),
    ),
  ].join('\n');
}
