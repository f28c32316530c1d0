/** `pnpm bench scaling`: what a search costs as tokens double and as layers double, with a plot of it. */
import { writeFileSync } from 'node:fs';
import { nodesOf, type ModelConfig } from '@circuit-tuning/core';
import { kernels } from '@circuit-tuning/kernels-wgsl';
import { openGpu, type Gpu } from '@circuit-tuning/testkit';
import { command } from '../command.js';
import { cheapest } from '../device/cheapest.js';
import { Meter, type Timed } from '../device/meter.js';
import { intoDocs } from '../docs.js';
import { count } from '../flags.js';
import { digits, markdown } from '../markdown.js';
import type { Case } from '../sampling.js';
import { shapeOf } from '../shapes.js';
import { stepCases } from '../step/cases.js';
import { loadRandom, randomExamples } from '../step/randomModel.js';
import { plotScaling, slope, type Panel } from './plot.js';

const HELP = `bench scaling: device time of a search of all positions, by tokens of an example and by layers

  --model NAME     whose sizes all but the layers are of: small (default), or any that bench step takes
  --batch B        examples (8)
  --tokens A,B     tokens of an example (16,32,64,128), at the fewest layers but one
  --layers A,B     layers (2,4,8,16), at the fewest tokens but one
  --samples N      rounds (5)
  --out FILE       writes the plot, an SVG
  --docs           also puts it into docs/performance.md
  --json           all of it as JSON`;

/** Milliseconds on the device. */
interface Cost {
  readonly L: number;
  readonly T: number;
  readonly edges: number;
  /** Products of the pairs that are edges. */
  readonly pairs: number;
  /** Passes through the model, deltas, gradients at reads. */
  readonly rest: number;
}

export const scaling = command(
  {
    help: HELP,
    options: {
      model: { type: 'string', default: 'small' },
      batch: { type: 'string', default: '8' },
      tokens: { type: 'string', default: '16,32,64,128' },
      layers: { type: 'string', default: '2,4,8,16' },
      samples: { type: 'string', default: '5' },
      out: { type: 'string' },
      docs: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
    },
  },
  async (values) => {
    const list = (flag: string, text: string): number[] => text.split(',').map((part) => count(flag, part));
    const tokens = list('--tokens', values.tokens);
    const layers = list('--layers', values.layers);
    const second = (of: readonly number[]): number => of[1] ?? of[0]!;
    const sizes = [...tokens.map((T) => ({ T, L: second(layers) })), ...layers.map((L) => ({ T: second(tokens), L }))];
    const gpu = await openGpu({ exactTimestamps: true });
    const costs = await costsOf(gpu, {
      config: shapeOf(values.model),
      B: count('--batch', values.batch),
      sizes,
      rounds: count('--samples', values.samples),
    });
    const byTokens = costs.slice(0, tokens.length);
    const byLayers = costs.slice(tokens.length);
    const adapter = gpu.info.name;
    const found = { adapter, model: values.model, byTokens, byLayers };
    if (values.out) writeFileSync(values.out, plotScaling(panelsOf(found)));
    if (values.docs) intoDocs('scaling', print(found));
    console.log(values.json ? JSON.stringify(found, null, 2) : print(found));
    gpu.dispose();
    return 0;
  },
);

interface Scaling {
  readonly adapter: string;
  readonly model: string;
  readonly byTokens: readonly Cost[];
  readonly byLayers: readonly Cost[];
}

export async function costsOf(
  gpu: Gpu,
  asked: {
    config: ModelConfig;
    B: number;
    sizes: readonly { readonly L: number; readonly T: number }[];
    rounds: number;
  },
): Promise<Cost[]> {
  const { config, B, sizes, rounds } = asked;
  const meter = new Meter(gpu.device);
  const opened: { run: Case['run']; edges: number; rounds: Timed[][]; dispose(): void }[] = [];
  for (const { L, T } of sizes) {
    const model = await loadRandom(gpu, kernels, { ...config, L });
    const examples = (many: number) => randomExamples(config, { T, count: many });
    const [search] = await stepCases(model, ['score'], { B, optimizer: 'sgd', ablation: 'mean' }, examples);
    await search!.run();
    const { edgeCount: edges } = nodesOf({ ...config, L }, { convention: 'circuit-tuning' });
    const dispose = (): void => {
      model.dispose();
      model.session.dispose();
    };
    opened.push({ run: search!.run, edges, rounds: [], dispose });
  }
  for (let round = 0; round < rounds; round++)
    for (const { run, rounds: known } of opened) known.push(await meter.timeEach(run));
  for (const { dispose } of opened) dispose();
  meter.dispose();
  return opened.map(({ edges, rounds: known }, i) => ({ ...sizes[i]!, edges, ...partsOf(cheapest(known)) }));
}

function partsOf(search: readonly Timed[]): { pairs: number; rest: number } {
  const sum = (of: readonly Timed[]): number => of.reduce((total, { ms }) => total + ms, 0);
  const isPairs = ({ label }: Timed): boolean => label.startsWith('edgeScore');
  return { pairs: sum(search.filter(isPairs)), rest: sum(search.filter((it) => !isPairs(it))) };
}

function panelsOf({ byTokens, byLayers }: Scaling): Panel[] {
  const series = (costs: readonly Cost[], x: (cost: Cost) => number): Panel['series'] => [
    { name: 'passes, deltas, gradients', points: costs.map((cost) => [x(cost), cost.rest]) },
    { name: 'products of pairs', points: costs.map((cost) => [x(cost), cost.pairs]) },
  ];
  return [
    { title: 'tokens of an example', series: series(byTokens, ({ T }) => T) },
    { title: 'layers', series: series(byLayers, ({ L }) => L) },
  ];
}

function print(found: Scaling): string {
  const rows = (costs: readonly Cost[]): string[][] =>
    costs.map(({ L, T, edges, rest, pairs }) => [String(L), String(T), String(edges), digits(rest), digits(pairs)]);
  const exponents = panelsOf(found).flatMap(({ title, series }) =>
    series.map(({ name, points }) => `${name} grow with ${title} to the power of ${digits(slope(points), 2)}`),
  );
  const head = ['L', 'T', 'edges', 'passes, deltas, gradients: ms', 'products of pairs: ms'];
  return [
    `${found.adapter}, ${found.model}, of each dispatch the fastest round by timestamp clock`,
    '',
    markdown(head, [...rows(found.byTokens), ...rows(found.byLayers)]),
    '',
    ...exponents,
  ].join('\n');
}
