/** How much memory each use of a model needs on an adapter, from plans alone: nothing is loaded and nothing runs. */
import { LimitError } from '../errors.js';
import type { Capabilities, Kernel } from '../kernel.js';
import type { ModelConfig } from '../model/config.js';
import { parameterArenas } from '../model/arenas.js';
import { vocabularyChunks } from '../model/vocabulary.js';
import { plan, type Plan } from '../plan/plan.js';
import type { Ablation } from './ablation.js';
import { forwardGraph } from './measure.js';
import type { Nodes } from './nodes.js';
import type { OptimizerKind } from './optimizer.js';
import { patchGraph } from './patchGraph.js';
import { scoreGraph, type ScoreGraph } from './scoreGraph.js';
import { wholeGraph } from './select.js';
import { fullMasks, masksOf, type Masks } from './slices.js';
import { StatePlaces } from './statePlaces.js';
import { trainGraph } from './trainGraph.js';
import { partsOf, placed, tunedArenas } from './tunedParts.js';

/** Bytes on the device. */
export interface MemoryUse {
  /** The model's parameters. */
  readonly parameters: number;
  /** What lives across runs: scores, means, optimizer states, gradients, and lists of what is tuned. */
  readonly states: number;
  /** Temporaries of one run, inputs and results: shared by the programs of a session. */
  readonly temporaries: number;
  readonly total: number;
}

export interface MemoryOptions {
  readonly kernels: readonly Kernel[];
  readonly capabilities: Capabilities;
  readonly nodes: Nodes;
  /** Examples of a batch, and tokens of the longest. */
  readonly B: number;
  readonly T: number;
  readonly ablation: Ablation;
  readonly optimizer: OptimizerKind;
}

/** A sentence where the adapter cannot do it. */
export type Memory = Record<
  'evaluate' | 'faithfulness' | 'discover' | 'tune the circuit' | 'tune everything',
  MemoryUse | string
>;

export function memoryOf(config: ModelConfig, options: MemoryOptions): Memory {
  const { nodes, kernels, capabilities, ablation, optimizer, B, T } = options;
  const whole = { config, chunks: vocabularyChunks(config, capabilities), mlpGroups: 1, B, T };
  const cut = { ...whole, mlpGroups: nodes.mlpGroups };
  // A loss reads every position, a difference only the answers'.
  const loss = { M: B * T, P: 2 };
  const answers = { M: Math.ceil(B / 8) * 8, P: 2 };
  const planned = ({
    graph,
    fetch,
  }: Pick<ScoreGraph, 'graph'> & { fetch: Parameters<typeof plan>[1]['fetch'] }): Plan =>
    plan(graph, { kernels, capabilities, ...(fetch && { fetch }) });
  const score = (): Plan => planned(scoreGraph(nodes, cut, answers, { ablation, prefix: 'score' }));
  const train = (masks: Masks): Plan => {
    const arenas = parameterArenas(whole, capabilities);
    const parts = placed(partsOf(whole, masks), arenas);
    const places = new StatePlaces();
    places.hold(parts);
    const tuned = { prefix: 'tuner', parts, arenas: tunedArenas(arenas, parts, places) };
    return planned(trainGraph(whole, loss, tuned, { optimizer, isClipped: true, into: 'optimizer' }));
  };
  return {
    evaluate: told(() => [planned(forwardGraph(whole, loss))]),
    faithfulness: told(() => [planned(patchGraph(nodes, cut, answers, ablation))]),
    discover: told(() => [score()]),
    'tune the circuit': told(() => [score(), train(masksOf(wholeGraph(nodes)))]),
    'tune everything': told(() => [train(fullMasks(config))]),
  };
}

function told(make: () => readonly Plan[]): MemoryUse | string {
  try {
    return useOf(make());
  } catch (error) {
    if (error instanceof LimitError) return error.message;
    throw error;
  }
}

function useOf(plans: readonly Plan[]): MemoryUse {
  const leaves = new Map(plans.flatMap((it) => it.leaves.map((leaf) => [leaf.name, leaf] as const)));
  const sum = (of: (leaf: Plan['leaves'][number]) => boolean): number =>
    [...leaves.values()].filter(of).reduce((bytes, leaf) => bytes + leaf.bytes, 0);
  // An arena is the parameters in it, which are told one by one.
  const isArena = (name: string): boolean => name.startsWith('parameters.');
  const isTuners = (name: string): boolean => name.startsWith('tuner.');
  const parameters = sum(({ kind, name }) => kind === 'param' && !isTuners(name) && !isArena(name));
  const states = sum(({ kind, name }) => kind === 'state' || isTuners(name));
  // Programs share slots where sizes fit; that all of them do is not promised.
  const temporaries =
    sum(({ kind }) => kind === 'input') +
    plans.reduce((bytes, it) => bytes + it.params.byteLength + it.slots.reduce((all, slot) => all + slot, 0), 0);
  return { parameters, states, temporaries, total: parameters + states + temporaries };
}
