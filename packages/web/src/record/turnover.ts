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

/** Indices of the moments that one method went through: the circuit before tuning, its searches, the one after it. */
export const momentsOf = (moments: readonly Moment[], method: string | undefined): number[] =>
  moments.flatMap((moment, i) => (moment.when === 'before' || moment.method === method ? [i] : []));

/** Of the moments of the shown method the one nearest to a step, the earlier of two as near; -1 where there is none. */
export function momentNear(moments: readonly Moment[], index: number, step: number): number {
  const searched = moments.find(({ when }) => when === 'search')?.method;
  // of the circuits of step 0, the one that a method begins with is on its curves
  const own = (method: string | undefined): number[] =>
    moments.flatMap((moment, i) => (moment.when !== 'before' && moment.method === method ? [i] : []));
  const shown = own(methodShown(moments, index));
  // a method with one circuit only has no time to go through
  const candidates = shown.length > 1 ? shown : [...own(searched), ...shown];
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
