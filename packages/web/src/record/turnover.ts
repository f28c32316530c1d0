/**
 * What becomes of an edge or a node over the searches of one method: its score at each, when it entered the circuit and
 * when it left, and what stands around it at one of them.
 */
import { nodeOfRead, readersOf } from '../draw/circuitData.js';
import { layerOf } from '../draw/group.js';
import type { Found, Moment, RunGraph } from './record.js';

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

/**
 * Edges by the names of their two ends: one, or none, or all between two layers, where the names are those of layers
 * (`a3->m4`, `a0->a1<q>`), ascending.
 */
export function edgesNamed({ nodes, from, to }: RunGraph, source: string, read: string): number[] {
  const named = (names: readonly string[], name: string): Set<number> =>
    new Set(names.flatMap((it, i) => (isOrHolds(name, it) ? [i] : [])));
  const [sources, reads] = [named(nodes.sources, source), named(nodes.reads, read)];
  return [...from.keys()].filter((i) => sources.has(from[i]!) && reads.has(to[i]!));
}

/** Whether a name is that of a part, or of the layer that holds it. */
const isOrHolds = (name: string, part: string): boolean => part === name || layerOf(part) === name;

/** Edges are kept in ascending order. */
export function isInside({ inside }: Found, edge: number): boolean {
  let [low, high] = [0, inside.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (inside[middle]! < edge) low = middle + 1;
    else high = middle;
  }
  return inside[low] === edge;
}

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

/** Edges by which a node reads and writes, the strongest first: those in the circuit, and those that are not. */
export interface Around {
  readonly into: Ends;
  readonly out: Ends;
}
export interface Ends {
  readonly inside: readonly number[];
  readonly outside: readonly number[];
}

export function around(graph: RunGraph, found: Found, node: string): Around {
  const sources = sourcesOf(graph, node);
  const reads = readsOf(graph, node);
  const ends = (isIt: (edge: number) => boolean): Ends => {
    const edges = strongestFirst(found, [...graph.from.keys()].filter(isIt));
    const kept = new Set(found.inside);
    return { inside: edges.filter((i) => kept.has(i)), outside: edges.filter((i) => !kept.has(i)) };
  };
  return { into: ends((i) => reads.has(graph.to[i]!)), out: ends((i) => sources.has(graph.from[i]!)) };
}

export function strongestFirst({ score }: Found, edges: ArrayLike<number>): number[] {
  const size = (i: number): number => Math.abs(score[i]!);
  return Array.from(edges).sort((a, b) => size(b) - size(a) || a - b);
}

/** 1 for the edge of the greatest size among all of the graph. */
export function rankOf({ score }: Found, edge: number): number {
  const size = Math.abs(score[edge]!);
  return 1 + score.reduce((stronger, it) => stronger + (Math.abs(it) > size ? 1 : 0), 0);
}

/** Indices of a node among the sources; of a layer those of its parts. */
const sourcesOf = ({ nodes }: RunGraph, node: string): Set<number> =>
  new Set(nodes.sources.flatMap((name, i) => (isOrHolds(node, name) ? [i] : [])));

/** Reads of a node, by index; a key/value head is read for several heads. */
const readsOf = ({ nodes }: RunGraph, node: string): Set<number> =>
  new Set(
    nodes.reads.flatMap((read, i) =>
      isOrHolds(node, nodeOfRead(read)) || readersOf(nodes, read).includes(node) ? [i] : [],
    ),
  );

function touching(graph: RunGraph, node: string): (edge: number) => boolean {
  const sources = sourcesOf(graph, node);
  const reads = readsOf(graph, node);
  return (edge) => sources.has(graph.from[edge]!) || reads.has(graph.to[edge]!);
}

/** `In the circuit at 4 of 6 searches: until step 10, and from step 40 on.` */
export function historyInWords(sightings: readonly Sighting[]): string {
  const of = sightings.length;
  const count = sightings.filter((sighting) => sighting.isInside).length;
  const searches = of === 1 ? 'the one search so far' : of === 2 ? 'both searches' : `all ${of} searches`;
  if (of === 0) return 'No search yet.';
  if (count === of) return `In the circuit at ${searches}.`;
  if (count === 0)
    return `Not in the circuit at ${of === 1 ? searches : of === 2 ? 'either of 2 searches' : `any of ${of} searches`}.`;
  const stays = staysOf(sightings);
  const told = stays.slice(0, MOST_STAYS).map(({ first, last }) => {
    if (last === of - 1) return first === last ? at(sightings[first]!) : `from ${sightings[first]!.when} on`;
    if (first === last) return at(sightings[first]!);
    return first === 0
      ? `until ${sightings[last]!.when}`
      : `from ${sightings[first]!.when} to ${sightings[last]!.when}`;
  });
  const more = stays.length - told.length;
  if (more > 0) told.push(`${more} more time${more === 1 ? '' : 's'}`);
  const list = told.length > 1 ? `${told.slice(0, -1).join(', ')}, and ${told.at(-1)}` : told[0]!;
  return `In the circuit at ${count} of ${of} searches: ${list}.`;
}

const MOST_STAYS = 3;

const at = ({ when }: Sighting): string => (when.startsWith('step') ? `at ${when}` : when);

/** Stretches of searches that had it, as first and last index. */
function staysOf(sightings: readonly Sighting[]): { first: number; last: number }[] {
  const stays: { first: number; last: number }[] = [];
  for (const [i, { isInside }] of sightings.entries()) {
    if (!isInside) continue;
    const last = stays.at(-1);
    if (last?.last === i - 1) last.last = i;
    else stays.push({ first: i, last: i });
  }
  return stays;
}
