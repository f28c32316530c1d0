/** What became of the edges between two circuits of one run, counted. */
import { ENTERED, GREW, LEFT, nodeOfRead, SHRANK, type CircuitEdges } from '../../draw/circuitData.js';
import { formatNumber } from '../../draw/table.js';
import type { Found, RunGraph } from '../../record/record.js';

export interface Turnover {
  readonly entered: number;
  readonly left: number;
  /** In both, whatever became of their scores. */
  readonly stayed: number;
  readonly grew: number;
  readonly shrank: number;
}

/** Counts of `changes`: the edges of the later circuit, and those that left. */
export function turnoverOf({ change = [] }: Pick<CircuitEdges, 'change'>): Turnover {
  const counts = [0, 0, 0, 0, 0];
  for (let i = 0; i < change.length; i++) counts[change[i]!]!++;
  const [entered, left, grew, shrank] = [counts[ENTERED]!, counts[LEFT]!, counts[GREW]!, counts[SHRANK]!];
  return { entered, left, stayed: change.length - entered - left, grew, shrank };
}

/** `3 entered, 3 left, 17 stayed; of those that stayed 2 grew, 5 shrank by a quarter or more` */
export function turnoverInWords({ entered, left, stayed, grew, shrank }: Turnover): string {
  const n = formatNumber;
  if (entered + left + grew + shrank === 0) return 'the same edges, about as strong as before';
  const moved = entered + left === 0 ? 'the same edges' : `${n(entered)} entered, ${n(left)} left, ${n(stayed)} stayed`;
  const size = [grew > 0 && `${n(grew)} grew`, shrank > 0 && `${n(shrank)} shrank`].filter(Boolean).join(' and ');
  if (size === '') return moved;
  return `${moved}; of ${entered + left === 0 ? 'them' : 'those that stayed'} ${size} by a quarter or more`;
}

/** Greatest size of a score, so that the widths of lines mean the same in pictures of several circuits. */
export function greatestOf(circuits: readonly Found[]): number {
  let most = 0;
  for (const { score, inside } of circuits) for (const i of inside) most = Math.max(most, Math.abs(score[i]!));
  return most;
}

/** How many nodes edges join: those given, or all of the graph. Reads of one node are one. */
export function nodesJoined({ nodes, from, to }: RunGraph, edges: Iterable<number> = from.keys()): number {
  const names = new Set<string>();
  for (const i of edges) {
    names.add(nodes.sources[from[i]!]!);
    names.add(nodeOfRead(nodes.reads[to[i]!]!));
  }
  return names.size;
}
