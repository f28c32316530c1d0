/**
 * From scores to circuits: the rules by which edges are kept. Signs are kept in scores; the absolute value is taken here
 * and nowhere earlier. Ties go by index.
 */
import { ConfigError } from '../errors.js';
import type { Circuit } from './circuit.js';
import { greedyEdges } from './greedy.js';
import { allEdges, isEdge, type Nodes } from './nodes.js';
import { pruned } from './paths.js';

/**
 * `top-n`: the N best edges · `greedy`: N edges, each the best into a node that is already in, from the logits upstream ·
 * `node-weighted`: the N best by |score| times what its source and its read have in all · `threshold`: all from a score on.
 */
export const selectionRules = ['top-n', 'greedy', 'node-weighted', 'threshold'] as const;
export type SelectionRule = (typeof selectionRules)[number];

export interface Selection {
  readonly rule: SelectionRule;
  /** Compare scores, so that only edges that raise the metric are good ones, instead of |score|. */
  readonly signed?: boolean;
  /** Of `threshold`: the least that is kept. */
  readonly threshold?: number;
  /** Then drop what lies on no path from input to logits: fewer than N edges may be left. */
  readonly pruned?: boolean;
}

/** What needs both ends of the graph, and why. */
export const needsEnds = ({ rule, pruned: isPruned = false }: Selection): string | undefined =>
  rule === 'greedy'
    ? 'greedy starts at the logits'
    : isPruned
      ? 'pruned follows paths from input to logits'
      : undefined;

/**
 * The circuit that a rule makes of scores [S, R]; `threshold` does not look at n. It is empty where no score reaches the
 * threshold, or no path is left.
 * @throws ConfigError when the graph has fewer than n edges, or not the ends that the rule needs.
 */
export function selectEdges(nodes: Nodes, values: ArrayLike<number>, n: number, selection: Selection): Circuit {
  if (selection.rule !== 'threshold') requireEdges(nodes, n);
  const why = needsEnds(selection);
  if (why !== undefined && nodes.convention !== 'eap-ig')
    throw new ConfigError({
      where: 'select',
      rule: `must suit the ${nodes.convention} graph, which has neither input nor logits`,
      got: `what needs them: ${why}`,
      cure: 'Choose the eap-ig graph, or another rule',
    });
  const circuit = { nodes, edges: chosen(nodes, values, n, selection) };
  return selection.pruned === true ? pruned(circuit) : circuit;
}

/** @throws ConfigError for a circuit that a rule left without edges, which can be neither tuned nor looked at. */
export function requireSome(circuit: Circuit, { rule, threshold, pruned: isPruned = false }: Selection): Circuit {
  if (circuit.edges.length > 0) return circuit;
  const cures = [
    ...(rule === 'threshold'
      ? [`lower the threshold of ${threshold}`]
      : ['keep more edges', 'select them with greedy']),
    ...(isPruned ? ['do not prune'] : []),
  ].join(', or ');
  throw new ConfigError({
    where: 'select',
    rule: `must leave ${isPruned ? 'a path from input to logits' : 'an edge'}`,
    got: 'none',
    cure: cures[0]!.toUpperCase() + cures.slice(1),
  });
}

/** The N edges of largest |score|. @throws ConfigError when there are fewer than N edges. */
export const topEdges = (nodes: Nodes, values: ArrayLike<number>, n: number): Circuit =>
  selectEdges(nodes, values, n, { rule: 'top-n' });

function chosen(
  nodes: Nodes,
  values: ArrayLike<number>,
  n: number,
  { rule, signed = false, threshold = 0 }: Selection,
): Uint32Array<ArrayBuffer> {
  const keys = signed ? values : Float64Array.from(values, Math.abs);
  switch (rule) {
    case 'top-n':
      return ranked(nodes, keys).slice(0, n).toSorted();
    case 'greedy':
      return greedyEdges(nodes, ranked(nodes, keys), n);
    case 'node-weighted':
      return ranked(nodes, nodeWeighted(nodes, keys)).slice(0, n).toSorted();
    case 'threshold':
      return allEdges(nodes).filter((edge) => keys[edge]! >= threshold);
  }
}

/** All edges, the largest key first. */
const ranked = (nodes: Nodes, keys: ArrayLike<number>): Uint32Array<ArrayBuffer> =>
  allEdges(nodes).toSorted((a, b) => keys[b]! - keys[a]! || a - b);

/** |s[u, v]| · Σ over v' of |s[u, v']| · Σ over u' of |s[u', v]|; of the sizes of scores. */
function nodeWeighted(nodes: Nodes, sizes: ArrayLike<number>): Float64Array {
  const R = nodes.reads.length;
  const ofSource = new Float64Array(nodes.sources.length);
  const ofRead = new Float64Array(R);
  const each = (visit: (s: number, r: number, edge: number) => void): void => {
    for (let s = 0; s < ofSource.length; s++)
      for (let r = 0; r < R; r++) if (isEdge(nodes, s, r)) visit(s, r, s * R + r);
  };
  each((s, r, edge) => {
    ofSource[s]! += sizes[edge]!;
    ofRead[r]! += sizes[edge]!;
  });
  const weighted = new Float64Array(sizes.length);
  each((s, r, edge) => (weighted[edge] = sizes[edge]! * ofSource[s]! * ofRead[r]!));
  return weighted;
}

/** Every edge of the graph. */
export const wholeGraph = (nodes: Nodes): Circuit => ({ nodes, edges: allEdges(nodes) });

/** How many edges a search keeps at each step: constant, or moving from `from` to `to` over `steps`. */
export interface EdgeSchedule {
  readonly from: number;
  readonly to: number;
  readonly steps: number;
  readonly shape: 'linear' | 'cosine';
}

export function edgesAt(schedule: number | EdgeSchedule, step: number): number {
  if (typeof schedule === 'number') return schedule;
  const { from, to, steps, shape } = schedule;
  const share = Math.min(1, step / steps);
  const way = shape === 'linear' ? share : (1 - Math.cos(Math.PI * share)) / 2;
  return Math.round(from + (to - from) * way);
}

/** @throws ConfigError unless the graph has n edges, n ≥ 1. */
export function requireEdges(nodes: Nodes, n: number): void {
  if (Number.isInteger(n) && n >= 1 && n <= nodes.edgeCount) return;
  throw new ConfigError({
    where: 'top-n',
    rule: `must be a whole number from 1 to the ${nodes.edgeCount} edges of this graph`,
    got: n,
    cure: 'Choose fewer edges, or the other graph convention',
  });
}
