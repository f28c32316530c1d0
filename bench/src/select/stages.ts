/** What the host does with the scores of one search, one thing after the other. */
import {
  circuitFiles,
  countTuned,
  masksOfSlices,
  searchFigures,
  selectEdges,
  slicesOf,
  type Nodes,
  type OutputFile,
} from '@circuit-tuning/core';

export const stageNames = ['select', 'nodes', 'figures', 'graph', 'scores'] as const;
export type StageName = (typeof stageNames)[number];

/** @returns what goes to the disk, if anything does */
type Stage = () => OutputFile | void;

export function stagesOf(
  nodes: Nodes,
  values: Float32Array<ArrayBuffer>,
  topN: number,
): Readonly<Record<StageName, Stage>> {
  const select = () => selectEdges(nodes, values, topN, { rule: 'top-n' });
  const circuit = select();
  const scores = { nodes, values, metric: 0, examples: 1 };
  const file = (name: string) => circuitFiles({ graph: 'graph', scores: 'scores' }, circuit, scores).find((it) => it.name === name)!; // prettier-ignore
  return {
    select: () => void select(),
    nodes: () => void countTuned(nodes.config, masksOfSlices(nodes.config, slicesOf(circuit))),
    figures: () => void searchFigures({ found: circuit, first: circuit, previous: circuit }, values),
    graph: () => file('graph'),
    scores: () => file('scores'),
  };
}
