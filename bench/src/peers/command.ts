/** `pnpm bench peers`: the same matrix products and the same training step by others, on the same adapter, in turn. */
import { kernels } from '@circuit-tuning/kernels-wgsl';
import { openGpu, type Gpu } from '@circuit-tuning/testkit';
import { command } from '../command.js';
import { Meter } from '../device/meter.js';
import { intoDocs } from '../docs.js';
import { count, several } from '../flags.js';
import { digits, markdown } from '../markdown.js';
import { openProduct, productFlops, type ProductSize } from '../product.js';
import { interleaved, medianOf, type Case, type Samples } from '../sampling.js';
import { shapeOf } from '../shapes.js';
import { later, peerSteps, willing } from './cases.js';
import { openPeers, peerNames, type Peer, type PeerName } from './open.js';

const HELP = `bench peers: matrix products and a training step of a GPT-2 by others, beside ours

  --peers A,B      of ${peerNames.join(', ')}; all unless told
  --model NAME     a GPT-2: small (default; 4 layers of 256, 1024 tokens), gpt2, tiny, or a config.json
  --batch B        examples of a step (8)
  --tokens T       tokens of an example (64)
  --samples N      rounds (5)
  --docs           also puts it into docs/performance.md
  --json           all of it as JSON`;

/** A layer of GPT-2 small at 256 positions, and the product whose rate is quoted. */
const products: readonly ProductSize[] = [
  { M: 256, N: 768, K: 768 },
  { M: 256, N: 3072, K: 768 },
  { M: 1024, N: 1024, K: 1024 },
];

interface Row {
  readonly work: string;
  readonly flops?: number;
  readonly samples: Samples;
}

export const peers = command(
  {
    help: HELP,
    options: {
      peers: { type: 'string', default: peerNames.join(',') },
      model: { type: 'string', default: 'small' },
      batch: { type: 'string', default: '8' },
      tokens: { type: 'string', default: '64' },
      samples: { type: 'string', default: '5' },
      docs: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
    },
  },
  async (values) => {
    const say = (line: string): void => void process.stderr.write(`${line}\n`);
    const config = shapeOf(values.model);
    const [B, T] = [count('--batch', values.batch), count('--tokens', values.tokens)];
    const rounds = count('--samples', values.samples);
    const gpu = await openGpu({ exactTimestamps: true });
    const meter = new Meter(gpu.device);
    const opened = await openPeers(gpu.gpu, several('--peers', values.peers, peerNames), say);
    const rows: Row[] = [];
    for (const size of products) {
      const { M, N, K } = size;
      const { cases, dispose } = await productCases(gpu, opened, size, say);
      // who failed once is not waited for again
      for (const name of opened.keys()) if (!cases.some((aCase) => aCase.name === name)) opened.delete(name);
      const samples = await interleaved(cases, rounds, meter, say);
      rows.push({ work: `product ${M} × ${N} × ${K}`, flops: productFlops(size), samples });
      dispose();
    }
    const steps = await peerSteps(gpu, kernels, opened, { config, B, T, say });
    const samples = await interleaved(steps.cases, rounds, meter, say);
    rows.push({ work: `training step, ${values.model}, B ${B}, T ${T}`, samples });
    steps.dispose();
    meter.dispose();
    const adapter = gpu.info.name;
    if (values.docs) intoDocs('peers', print(adapter, rows));
    console.log(values.json ? JSON.stringify({ adapter, node: process.version, rows }, null, 2) : print(adapter, rows));
    gpu.dispose();
    return 0;
  },
);

async function productCases(
  gpu: Gpu,
  opened: ReadonlyMap<PeerName, Peer>,
  size: ProductSize,
  say: (line: string) => void,
): Promise<{ cases: readonly Case[]; dispose(): void }> {
  const ours = await openProduct(gpu, kernels, size);
  const cases: Case[] = [{ name: 'ours', run: () => ours.run(1) }];
  for (const [name, { matmul }] of opened) cases.push({ name, run: later(() => matmul(size)) });
  return { cases: await willing(cases, say), dispose: () => ours.dispose() };
}

const titles: Readonly<Record<string, string>> = {
  ours: 'this project',
  jax: 'jax-js',
  tfjs: 'TensorFlow.js',
  onnx: 'ONNX Runtime Web',
};

function print(adapter: string, rows: readonly Row[]): string {
  const lines = rows.flatMap(({ work, flops, samples }) =>
    Object.keys(samples).map((name) => {
      const [wall, cpu] = (['wallMs', 'cpuMs'] as const).map((clock) => medianOf(samples, name, clock));
      const [ourWall, ourCpu] = (['wallMs', 'cpuMs'] as const).map((clock) => medianOf(samples, 'ours', clock));
      const over = (ours?: number, theirs?: number) => (ours && theirs ? digits(ours / theirs) : '–');
      return [
        `${work}: ${titles[name]!}`,
        digits(wall),
        digits(cpu),
        flops && wall ? digits(flops / wall / 1e6) : '–',
        over(ourWall, wall),
        over(ourCpu, cpu),
      ];
    }),
  );
  const head = ['median', 'ms', 'CPU ms', 'GFLOP/s', 'ours over it', 'by CPU time'];
  return [`${adapter}, Node ${process.version}`, '', markdown(head, lines)].join('\n');
}
