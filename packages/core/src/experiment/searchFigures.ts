/**
 * What a search is told with while a run goes on, so that nobody need wait for `analyze`: how much of the circuit is new, and
 * how scores are spread. The measures are those of dynamics/, and so is when they mislead.
 */
import { nodesIn, overlap, type Circuit } from '../circuit/circuit.js';
import { allEdges } from '../circuit/nodes.js';
import { concentrationOf } from '../dynamics/concentration.js';
import type { SearchFigures } from './events.js';

export interface Searched {
  readonly found: Circuit;
  readonly first: Circuit;
  /** Absent at the first search, where every edge has entered. */
  readonly previous?: Circuit | undefined;
}

/** @param scores of all pairs of a source and a read, [S, R]. */
export function searchFigures({ found, first, previous }: Searched, scores: Float32Array): SearchFigures {
  const before = new Set(previous?.edges);
  const kept = found.edges.filter((edge) => before.has(edge)).length;
  const edges = allEdges(found.nodes);
  const ofEdges = new Float32Array(edges.length);
  for (let i = 0; i < edges.length; i++) ofEdges[i] = scores[edges[i]!]!;
  const spread = concentrationOf(ofEdges);
  return {
    entered: found.edges.length - kept,
    left: before.size - kept,
    nodes_first: nodeOverlap(found, first),
    nodes_previous: nodeOverlap(found, previous ?? found),
    ...(spread && {
      entropy: Number(spread.entropy.toPrecision(12)),
      gini: spread.gini,
      top1: spread.top1,
    }),
  };
}

function nodeOverlap(a: Circuit, b: Circuit): number {
  const names = [...new Set([...nodesIn(a), ...nodesIn(b)])];
  const indices = (circuit: Circuit): Uint32Array => Uint32Array.from(nodesIn(circuit), (name) => names.indexOf(name));
  return overlap(indices(a), indices(b));
}
