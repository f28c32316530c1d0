/** `pnpm bench reference`: the products of a step by the kernels that a plan chooses, beside a plain generated one, in turn. */
import { kernels } from '@circuit-tuning/kernels-wgsl';
import { openGpu, type Gpu } from '@circuit-tuning/testkit';
import { command } from '../command.js';
import { Meter } from '../device/meter.js';
import { intoDocs } from '../docs.js';
import { count } from '../flags.js';
import { digits, markdown } from '../markdown.js';
import { openProduct, productFlops, type ProductKind, type ProductSize } from '../product.js';
import { interleaved, median, type Case, type Clock, type Sample } from '../sampling.js';
import { openReference } from './open.js';
import type { ReferenceTile } from './text.js';

const HELP = `bench reference: matrix products beside a plain one that is generated for the very size, in turn

  --tiles 64x4,…   rows of its tile, and columns of a lane: the best counts; 32x4, and 64x4 from LLVM 22 on, unless told
  --unroll N       how many k a turn of its loop takes (4)
  --only NN,TN     these kinds alone: a · b (NN), a · bᵀ (NT), aᵀ · b (TN)
  --samples N      rounds (15)
  --docs           also puts it into docs/performance.md
  --json           all of it as JSON`;

const square = { M: 1024, N: 1024, K: 1024 };
/** The square one, and those of a layer of GPT-2 small at 256 positions: forward, to activations, of weights. */
const products: Readonly<Record<ProductKind, readonly ProductSize[]>> = {
  NN: [square, { M: 256, N: 768, K: 768 }, { M: 256, N: 3072, K: 768 }, { M: 256, N: 768, K: 3072 }],
  NT: [square, { M: 256, N: 768, K: 768 }, { M: 256, N: 3072, K: 768 }, { M: 256, N: 768, K: 3072 }],
  TN: [square, { M: 768, N: 768, K: 256 }, { M: 768, N: 3072, K: 256 }, { M: 3072, N: 768, K: 256 }],
};

/** Operations of a sample: long beside its submit, short beside what else the machine does. */
const SAMPLE_FLOPS = 2 ** 30;

export interface ReferenceRow extends ProductSize {
  readonly kind: ProductKind;
  readonly kernel: string;
  /** Of the reference: rows × columns of the tile that was fastest. */
  readonly tile: string;
  /** Of one core: by CPU time, else by timestamp queries. Fastest round. */
  readonly gflopPerSecond: number;
  /** Our rate over the reference's: 1.1 is a tenth more. By medians and by fastest rounds. */
  readonly overReference: Readonly<Record<Clock, { readonly median: number; readonly fastest: number }>>;
  readonly samples: Readonly<Record<string, readonly Sample[]>>;
}

export const reference = command(
  {
    help: HELP,
    options: {
      tiles: { type: 'string' },
      unroll: { type: 'string', default: '4' },
      only: { type: 'string', default: 'NN,NT,TN' },
      samples: { type: 'string', default: '15' },
      docs: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
    },
  },
  async (values) => {
    const gpu = await openGpu({ exactTimestamps: true });
    const asked = {
      tiles: tilesOf(gpu, values.tiles, count('--unroll', values.unroll)),
      rounds: count('--samples', values.samples),
      say: (line: string) => void process.stderr.write(`${line}\n`),
    };
    const kinds = kindsOf(values.only);
    const rows: ReferenceRow[] = [];
    for (const kind of kinds) for (const size of products[kind]) rows.push(await measured(gpu, kind, size, asked));
    const adapter = gpu.info.name;
    gpu.dispose();
    const table = print(adapter, rows);
    if (values.docs) intoDocs('reference', table);
    console.log(values.json ? JSON.stringify({ adapter, rows }, null, 2) : table);
    return 0;
  },
);

function kindsOf(text: string): ProductKind[] {
  return text.split(',').map((part) => {
    if (part === 'NN' || part === 'NT' || part === 'TN') return part;
    throw new Error(`--only: must be of NN, NT and TN, got '${part}'.`);
  });
}

/** LLVM 15 compiles 64 rows for seconds, for each size anew. */
function tilesOf({ info }: Gpu, text: string | undefined, unroll: number): ReferenceTile[] {
  const lanes = info.subgroup?.min ?? 0;
  if (lanes === 0 || lanes !== info.subgroup?.max)
    throw new Error('bench reference: needs an adapter whose subgroups have one known size, as software adapters do.');
  const version = Number(/LLVM (\d+)/.exec(info.name)?.[1] ?? 0);
  const shapes = (text ?? (version >= 22 ? '32x4,64x4' : '32x4')).split(',').map((part) => /^(\d+)x(\d+)$/.exec(part));
  return shapes.map((shape) => {
    if (!shape) throw new Error(`--tiles: must be like 32x4, rows and columns of a lane, got '${text}'.`);
    return { lanes, rows: Number(shape[1]), columns: Number(shape[2]), unroll };
  });
}

async function measured(
  gpu: Gpu,
  kind: ProductKind,
  size: ProductSize,
  { tiles, rounds, say }: { tiles: readonly ReferenceTile[]; rounds: number; say: (line: string) => void },
): Promise<ReferenceRow> {
  const { M, N, K } = size;
  say(`${kind} ${M} × ${N} × ${K}`);
  const steps = Math.max(1, Math.round(SAMPLE_FLOPS / productFlops(size)));
  const ours = await openProduct(gpu, kernels, size, kind);
  const opened = new Map<string, { run(times: number): Promise<void>; dispose(): void }>([['ours', ours]]);
  for (const tile of tiles)
    opened.set(`${tile.rows} × ${tile.lanes * tile.columns}`, await openReference(gpu, kind, size, tile));
  const cases = [...opened].map(([name, { run }]): Case => ({ name, steps, run: () => run(steps) }));
  for (const { run } of cases) await run();
  const meter = new Meter(gpu.device);
  const samples = await interleaved(cases, rounds, meter, () => undefined);
  meter.dispose();
  for (const { dispose } of opened.values()) dispose();
  const times = (name: string, clock: Clock): number[] => samples[name]!.map((sample) => sample[clock] ?? NaN);
  // Which tile is the reference is decided by the clock that sees the work alone, where there is one.
  const judge: Clock = samples['ours']![0]!.cpuMs === undefined ? 'gpuMs' : 'cpuMs';
  const [tile] = cases
    .slice(1)
    .map(({ name }) => name)
    .toSorted((a, b) => median(times(a, judge)) - median(times(b, judge)));
  const over = (clock: Clock) => ({
    median: median(times(tile!, clock)) / median(times('ours', clock)),
    fastest: Math.min(...times(tile!, clock)) / Math.min(...times('ours', clock)),
  });
  return {
    kind,
    ...size,
    kernel: ours.kernel,
    tile: tile!,
    gflopPerSecond: productFlops(size) / Math.min(...times('ours', judge)) / 1e6,
    overReference: { wallMs: over('wallMs'), cpuMs: over('cpuMs'), gpuMs: over('gpuMs') },
    samples,
  };
}

function print(adapter: string, rows: readonly ReferenceRow[]): string {
  const kinds = { NN: 'a · b', NT: 'a · bᵀ', TN: 'aᵀ · b' } as const;
  const lines = rows.map(({ kind, M, N, K, kernel, tile, gflopPerSecond, overReference: { cpuMs, gpuMs } }) => [
    `${kinds[kind]}, ${M} × ${N} × ${K}`,
    kernel,
    digits(gflopPerSecond),
    tile,
    digits(cpuMs.median),
    digits(cpuMs.fastest),
    digits(gpuMs.median),
    digits(gpuMs.fastest),
  ]);
  const head = [
    'M × N × K',
    'ours',
    'GFLOP/s a core',
    'tile of the reference',
    'by CPU time',
    'fastest',
    'by GPU time',
    'fastest',
  ];
  return `${adapter}; our rate over the reference’s\n\n${markdown(head, lines)}`;
}
