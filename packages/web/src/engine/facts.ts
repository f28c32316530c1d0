/** What an experiment comes to, in the words of the protocol. */
import {
  allEdges,
  experimentText,
  parameterCount,
  type Experiment,
  type Model,
  type Nodes,
  type Prepared,
} from '@circuit-tuning/core';
import type { RunGraph } from '../record/record.js';
import type { CheckedFacts } from './protocol.js';

/**
 * Every edge, in the order of circuit files, so that scores of both mean the same. Nodes without an edge are left out, and
 * the others come in the order in which edges name them, as they do when a file is read.
 */
export function graphOf(nodes: Nodes): RunGraph {
  const R = nodes.reads.length;
  const edges = allEdges(nodes);
  const inOrder = (indices: Uint32Array, names: readonly string[]): { index: Uint32Array; named: string[] } => {
    const known = new Map<number, number>();
    const index = indices.map((it) => {
      if (!known.has(it)) known.set(it, known.size);
      return known.get(it)!;
    });
    return { index, named: [...known.keys()].map((it) => names[it]!) };
  };
  const from = inOrder(
    edges.map((edge) => Math.floor(edge / R)),
    nodes.sources,
  );
  const to = inOrder(
    edges.map((edge) => edge % R),
    nodes.reads,
  );
  const { L: layers, H: heads, K: kvHeads } = nodes.config;
  return {
    nodes: { layers, heads, kvHeads, sources: from.named, reads: to.named },
    from: from.index,
    to: to.index,
  };
}

const modelFacts = ({ model: name }: Experiment, { config }: Model): CheckedFacts['model'] => {
  const { modelType, L, H, D } = config;
  return { name, modelType, L, H, D, parameters: parameterCount(config) };
};

export const checkedFacts = ({
  experiment,
  base,
  nodes,
  metric,
  topN,
  search,
  train,
  target,
  warnings,
}: Prepared): CheckedFacts => ({
  name: experiment.name,
  experiment: experimentText(experiment),
  metric,
  model: modelFacts(experiment, base),
  graph: graphOf(nodes),
  topN,
  methods: experiment.tuning?.methods ?? [],
  steps: experiment.tuning?.steps ?? 0,
  examples: { search: search.length, train: train.length, target: target.length },
  warnings,
});
