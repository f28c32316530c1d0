/** Runs the steps that are asked for: in turn for their times, alone for their memory, split up for a profile. */
import { capabilitiesOf, dtypes, memoryOf, type DeviceModel, type ModelConfig } from '@circuit-tuning/core';
import { kernels } from '@circuit-tuning/kernels-wgsl';
import { openGpu, type Gpu } from '@circuit-tuning/testkit';
import { cheapest } from '../device/cheapest.js';
import { Meter, type Timed } from '../device/meter.js';
import { peerSteps } from '../peers/cases.js';
import { openPeers, type PeerName } from '../peers/open.js';
import { openProduct } from '../product.js';
import { interleaved, type Case, type Clock, type Samples } from '../sampling.js';
import { shapeOf } from '../shapes.js';
import { dtypeOf, stepCases, type StepName, type StepShape } from './cases.js';
import { loadRandom, randomExamples } from './randomModel.js';
import { ratiosOf } from './ratios.js';
import type { Profiles, StepReport } from './report.js';

export interface PeersAsked {
  readonly names: readonly PeerName[];
  readonly config: ModelConfig;
  readonly B: number;
  readonly T: number;
}

export interface StepAsked extends StepShape {
  /** A name of shapes.ts, or a config.json. */
  readonly model: string;
  readonly layers?: number;
  readonly T: number;
  readonly cases: readonly StepName[];
  /** Rows of the square product that tells the rate of matrix products; none where it is not asked for. */
  readonly matmul?: number;
  /** Whose training steps are compared, on a model of which size; nobody's where it is not asked for. */
  readonly peers?: PeersAsked;
  /** Also measures the peak bytes, which are planned in any case: each case runs once more, in a session of its own. */
  readonly isWithMemory: boolean;
  /** Rounds. */
  readonly samples: number;
  readonly say: (line: string) => void;
}

/** In one sample, so that its submit weighs little. */
const PRODUCTS = 8;

interface Bench {
  readonly gpu: Gpu;
  readonly meter: Meter;
  readonly config: ModelConfig;
  readonly asked: StepAsked;
}

async function open<R>(asked: StepAsked, use: (bench: Bench) => Promise<R>): Promise<R> {
  const named = shapeOf(asked.model);
  const config = asked.layers === undefined ? named : { ...named, L: asked.layers };
  const gpu = await openGpu({ exactTimestamps: true });
  const meter = new Meter(gpu.device);
  try {
    return await use({ gpu, meter, config, asked });
  } finally {
    meter.dispose();
    gpu.dispose();
  }
}

export const measureSteps = (asked: StepAsked): Promise<StepReport> =>
  open(asked, async (bench) => {
    const bytes = {
      planned: await plannedPeaks(bench),
      measured: asked.isWithMemory ? await measuredPeaks(bench) : {},
    };
    return reportOf(bench, await timed(bench), bytes);
  });

export const profileSteps = (asked: StepAsked): Promise<{ adapter: string; profiles: Profiles }> =>
  open(asked, async ({ meter, ...bench }) => {
    const rounds: Record<string, Timed[][]> = {};
    await withCases({ meter, ...bench }, asked.cases, async (cases) => {
      for (let round = 0; round < asked.samples; round++)
        for (const { name, run } of cases) (rounds[name] ??= []).push(await meter.timeEach(run));
    });
    const profiles = Object.entries(rounds).map(([name, all]) => [name, cheapest(all)] as const);
    return { adapter: bench.gpu.info.name, profiles: Object.fromEntries(profiles) };
  });

/** Runs `use` with these cases, all warm, on models of their own. */
async function withCases<R>(
  { gpu, config, asked }: Bench,
  names: readonly StepName[],
  use: (cases: readonly Case[]) => Promise<R>,
): Promise<R> {
  const examples = (count: number) => randomExamples(config, { T: asked.T, count });
  const models: DeviceModel[] = [];
  const cases: Case[] = [];
  try {
    for (const dtype of dtypes) {
      const some = names.filter((name) => dtypeOf(name) === dtype);
      if (some.length === 0) continue;
      const model = await loadRandom(gpu, kernels, config, dtype);
      models.push(model);
      cases.push(...(await stepCases(model, some, asked, examples)));
    }
    for (const { run } of cases) await run();
    return await use(cases);
  } finally {
    for (const model of models) {
      model.dispose();
      model.session.dispose();
    }
  }
}

type Peaks = Record<string, number>;

/** Its steps need no memory that a search and a masked step do not. */
const withPeaks = (cases: readonly StepName[]): StepName[] => cases.filter((name) => name !== 'amortised8');

/** The most bytes that each case would have on the device, its weights included: it runs on a device that only counts. */
async function plannedPeaks({ gpu, config, asked }: Bench): Promise<Peaks> {
  const { isSoftware, subgroup } = gpu.info;
  const facts = { kernels, capabilities: capabilitiesOf(gpu.device, { isSoftware, ...(subgroup && { subgroup }) }) };
  const examples = (count: number) => randomExamples(config, { T: asked.T, count });
  const found: Peaks = {};
  for (const name of withPeaks(asked.cases)) {
    const { total } = await memoryOf(config, { ...facts, dtype: dtypeOf(name) }, async (model) => {
      const [it] = await stepCases(model, [name], asked, examples);
      // with the second search of two, a circuit of its own
      for (let step = 0; step < 2; step++) await it!.run();
    });
    found[name] = total;
  }
  return found;
}

/** The same, counted while the case runs alone. */
async function measuredPeaks(bench: Bench): Promise<Peaks> {
  const { meter, asked } = bench;
  const found: Peaks = {};
  for (const name of withPeaks(asked.cases)) {
    meter.resetPeak();
    const before = meter.bytes;
    await withCases(bench, [name], async ([it]) => it!.run());
    found[name] = meter.peakBytes - before;
    asked.say(`memory: ${name} ${Math.round(found[name] / 2 ** 20)} MiB`);
  }
  return found;
}

/** Everything open at once, so that all of it can be run in turn. */
async function timed(bench: Bench): Promise<Samples> {
  const { gpu, meter, asked } = bench;
  const { say, samples, matmul, peers } = asked;
  const product = matmul && (await openProduct(gpu, kernels, { M: matmul, N: matmul, K: matmul }));
  const opened = peers && (await openPeers(gpu.gpu, peers.names, say));
  const theirs = opened && (await peerSteps(gpu, kernels, opened, { ...peers, say }));
  const others: Case[] = [...(theirs ? theirs.cases : [])];
  if (product) others.push({ name: 'matmul', steps: PRODUCTS, run: () => product.run(PRODUCTS) });
  const measured = await withCases(bench, asked.cases, async (cases) => {
    for (const { run } of others) await run();
    return interleaved([...cases, ...others], samples, meter, say);
  });
  if (product) product.dispose();
  if (theirs) theirs.dispose();
  return measured;
}

function reportOf(
  { gpu, config, asked }: Bench,
  samples: Samples,
  bytes: { readonly planned: Peaks; readonly measured: Peaks },
): StepReport {
  const { model, B, T, optimizer, ablation, matmul = 0 } = asked;
  const { L, D, H, K, E, F, V } = config;
  const by = (clock: Clock) => ratiosOf(samples, clock, config, { B, T, M: B * T, matmul });
  return {
    adapter: gpu.info.name,
    node: process.version,
    shape: { model, L, D, H, K, E, F, V, B, T, optimizer, ablation, matmul },
    peer_shape: asked.peers ? peerShape(asked.peers) : null,
    ...by('wallMs'),
    by_cpu: by('cpuMs'),
    by_gpu: by('gpuMs'),
    peak_bytes: bytes.planned,
    measured_peak_bytes: bytes.measured,
    samples,
  };
}

const peerShape = ({ config: { L, D, H, F, V }, B, T }: PeersAsked) => ({ L, D, H, F, V, B, T, optimizer: 'adam' });
