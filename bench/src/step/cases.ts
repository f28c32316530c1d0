/**
 * The steps that are compared, by name. Those of one dtype share a model on the device; each has optimizer and data order of
 * its own.
 */
import {
  attribute,
  endsOf,
  nodesOf,
  topEdges,
  Tuning,
  type AttributeOptions,
  type DeviceModel,
  type Example,
  type Method,
  type Nodes,
  type OptimizerKind,
  type Scores,
  type TuneOptions,
  type WeightDType,
} from '@circuit-tuning/core';
import type { Case } from '../sampling.js';
import { endless } from './endless.js';

export const stepNames = [
  'full',
  'search',
  'masked',
  'amortised8',
  'score',
  'circuit-sgd',
  'circuit-adamw',
  'score-f16',
] as const;
export type StepName = (typeof stepNames)[number];

/** What each of them is, for the reader of a table. */
export const stepTitles: Readonly<Record<StepName, string>> = {
  full: 'plain full step',
  search: 'search + masked step, all positions, top 10% of nodes',
  masked: 'masked step between searches',
  amortised8: 'a search every 8 steps, per step',
  score: 'the search alone: scores of all edges',
  'score-f16': 'the same of weights stored as f16',
  'circuit-sgd': 'circuit-tuning step, key token, top 500 edges, SGD',
  'circuit-adamw': 'circuit-tuning step, key token, top 500 edges, AdamW',
};

/** What the weights of the model lie on the device as that a case is of. */
export const dtypeOf = (name: StepName): WeightDType => (name === 'score-f16' ? 'f16' : 'f32');

export interface StepShape {
  readonly B: number;
  readonly optimizer: OptimizerKind;
  /** What all-position searches put in the place of a source. */
  readonly ablation: 'mean' | 'zero' | 'patching';
}

const AMORTISED = 8;
const KEY_TOKEN_EDGES = 500;
/** Rows of a batch are drawn from so many batches' worth. */
const POOL = 8;

export async function stepCases(
  model: DeviceModel,
  names: readonly StepName[],
  { B, optimizer, ablation }: StepShape,
  examplesOf: (count: number) => Example[],
): Promise<Case[]> {
  const examples = examplesOf(POOL * B);
  const nodes = nodesOf(model.config, { convention: 'circuit-tuning' });
  const everywhere: Omit<AttributeOptions, 'batchSize'> = { nodes, metric: 'logit_diff', ablation, positions: 'all' };
  const keyToken = { ...everywhere, ablation: 'mean', positions: 'answer', combine: 'mean-then-dot' } as const;
  const scored = () => attribute(model, examples.slice(0, B), { ...everywhere, batchSize: B });
  const needsTenth = names.some((name) => name === 'search' || name === 'masked' || name === 'amortised8');
  const tenth = needsTenth ? edgesOfTenth(nodes, await scored()) : 0;
  const tuned = (kind: OptimizerKind, method: Method, search?: TuneOptions['search']): Tuning =>
    new Tuning(model, examples, {
      ...endless,
      method,
      optimizer: kind,
      batchSize: B,
      ...(search && { search }),
    });
  const make: Record<StepName, () => Case> = {
    full: () => stepping('full', tuned(optimizer, 'full')),
    search: () => stepping('search', tuned(optimizer, 'circuit', { ...everywhere, topN: tenth, every: 1 })),
    masked: () => stepping('masked', tuned(optimizer, 'fixed', { ...everywhere, topN: tenth, every: 1 })),
    amortised8: () =>
      stepping('amortised8', tuned(optimizer, 'circuit', { ...everywhere, topN: tenth, every: AMORTISED }), AMORTISED),
    score: () => ({ name: 'score', run: async () => void (await scored()) }),
    'score-f16': () => ({ name: 'score-f16', run: async () => void (await scored()) }),
    'circuit-sgd': () =>
      stepping('circuit-sgd', tuned('sgd', 'circuit', { ...keyToken, topN: keyEdges(nodes), every: 1 })),
    'circuit-adamw': () =>
      stepping('circuit-adamw', tuned('adamw', 'circuit', { ...keyToken, topN: keyEdges(nodes), every: 1 })),
  };
  return names.map((name) => make[name]());
}

/** A sample is the next `steps` steps of a run that never ends, its searches included. */
function stepping(name: StepName, tuning: Tuning, steps = 1): Case {
  const events = tuning.run();
  return {
    name,
    steps,
    async run() {
      for (let done = 0; done < steps;) {
        const next = await events.next();
        if (next.done) throw new Error(`bench step: ${name} ended`);
        if (next.value.kind === 'step') done++;
      }
    },
  };
}

const keyEdges = ({ edgeCount }: Nodes): number => Math.min(KEY_TOKEN_EDGES, edgeCount);

/** How many of the best edges join a tenth of the nodes (heads and MLPs), found by bisection. */
function edgesOfTenth(nodes: Nodes, { values }: Scores): number {
  const wanted = Math.max(1, Math.round(nodes.sources.length / 10));
  let [few, many] = [1, nodes.edgeCount];
  while (few < many) {
    const n = (few + many) >> 1;
    if (joined(nodes, values, n) < wanted) few = n + 1;
    else many = n;
  }
  return few;
}

function joined(nodes: Nodes, values: Float32Array, n: number): number {
  const { sources, reads } = endsOf(topEdges(nodes, values, n));
  // a2.h1<q> reads into a2.h1
  const names = [...sources.map((s) => nodes.sources[s]!), ...reads.map((r) => nodes.reads[r]!.replace(/<.*/, ''))];
  return new Set(names).size;
}
