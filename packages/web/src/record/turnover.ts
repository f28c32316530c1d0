/**
 * What becomes of an edge or a node over the searches of one method: its score at each, when it entered the circuit and
 * when it left.
 */
import { isInside, touching } from './edges.js';
import type { Moment, RunGraph } from './record.js';

/** One search, as the history of an edge or a node sees it. */
export interface Sighting {
  /** Index into the run's moments. */
  readonly moment: number;
  readonly step: number;
  /** `step 20`, `before tuning`, `after tuning`. */
  readonly when: string;
  /** Of an edge its score; of a node the sum of the sizes of the scores of its edges in the circuit. */
  readonly score: number;
  readonly isInside: boolean;
}

/** Whose searches are shown with a moment: its own method, and before tuning the first method that searches. */
export const methodShown = (moments: readonly Moment[], index: number): string | undefined =>
  moments[index]?.method ?? moments.find(({ when }) => when === 'search')?.method;

/**
 * Indices of the moments that one method went through, in order of time: its searches, and the one after it. A method
 * that never searched, such as full tuning, begins with the circuit before tuning.
 */
export function momentsOf(moments: readonly Moment[], method: string | undefined): number[] {
  const own = moments.flatMap((moment, i) => (moment.when !== 'before' && moment.method === method ? [i] : []));
  if (own.some((i) => moments[i]!.when === 'search')) return own;
  return [...moments.flatMap(({ when }, i) => (when === 'before' ? [i] : [])), ...own];
}

/** Of the moments of the shown method the one nearest to a step, the earlier of two as near; -1 where there is none. */
export function momentNear(moments: readonly Moment[], index: number, step: number): number {
  const own = momentsOf(moments, methodShown(moments, index));
  // a method with one circuit only has no time of its own to go through
  const searched = moments.find(({ when }) => when === 'search')?.method;
  const candidates = own.length > 1 ? own : momentsOf(moments, searched);
  const distance = (i: number): number => Math.abs(moments[i]!.step - step);
  return candidates.reduce((best, i) => (best === -1 || distance(i) < distance(best) ? i : best), -1);
}

export const whenOf = ({ when, step }: Pick<Moment, 'when' | 'step'>): string =>
  when === 'search' ? `step ${step}` : `${when} tuning`;

/** Of several edges the sizes of those in the circuit are summed, with the sign of their sum: as a picture by layers has it. */
export const edgeSightings = (
  moments: readonly Moment[],
  own: readonly number[],
  edges: readonly number[],
): Sighting[] =>
  own.map((i) => {
    const moment = moments[i]!;
    const { step, score } = moment;
    const inside = edges.filter((edge) => isInside(moment, edge));
    const sum = inside.reduce((total, edge) => total + score[edge]!, 0);
    const sizes = inside.reduce((total, edge) => total + Math.abs(score[edge]!), 0);
    return {
      moment: i,
      step,
      when: whenOf(moment),
      score: edges.length === 1 ? score[edges[0]!]! : sum < 0 ? -sizes : sizes,
      isInside: inside.length > 0,
    };
  });

export function nodeSightings(
  graph: RunGraph,
  moments: readonly Moment[],
  own: readonly number[],
  node: string,
): Sighting[] {
  const touches = touching(graph, node);
  return own.map((i) => {
    const moment = moments[i]!;
    const edges = moment.inside.filter(touches);
    const score = edges.reduce((sum, edge) => sum + Math.abs(moment.score[edge]!), 0);
    return { moment: i, step: moment.step, when: whenOf(moment), score, isInside: edges.length > 0 };
  });
}
