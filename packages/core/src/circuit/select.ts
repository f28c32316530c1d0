/**
 * From scores to circuits: the rules by which edges are kept. Signs are kept in scores; the absolute value is taken here
 * and nowhere earlier. Ties go by index.
 */
import { ConfigError } from '../errors.js';
import type { Interval } from '../attribution/bootstrap.js';
import type { Circuit } from './circuit.js';
import { greedyEdges } from './greedy.js';
import { joinedEdges } from './joined.js';
import { allEdges, isEdge, type Nodes } from './nodes.js';
import { nthLargest } from './nthLargest.js';
import { pruned } from './paths.js';

/**
 * `top-n`: the N best edges · `greedy`: N edges, each the best into a node that is already in, from the logits upstream ·
 * `node-weighted`: the N best by |score| times what its source and its read have in all · `joined`: of edges into q, k and v
 * of a head taken as one, the best that are at most N edges · `threshold`: all from a score on · `stable`: of the N best those
 * that their bootstrap interval keeps in, whichever of its ends is true.
 */
export const selectionRules = ['top-n', 'greedy', 'node-weighted', 'joined', 'threshold', 'stable'] as const;
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

/** Rules that keep as many edges as they are told. */
export type CountedRule = Exclude<SelectionRule, 'threshold' | 'stable'>;
export const isCounted = (rule: SelectionRule): rule is CountedRule => rule !== 'threshold' && rule !== 'stable';

/** What needs both ends of the graph, and why. */
export const needsEnds = ({ rule, pruned: isPruned = false }: Selection): string | undefined =>
  rule === 'greedy'
    ? 'greedy starts at the logits'
    : isPruned
      ? 'pruned follows paths from input to logits'
      : undefined;

/**
 * The circuit that a rule makes of scores [S, R]; `threshold` does not look at n, and `stable` needs their intervals. It is
 * empty where no score reaches the threshold, none is stable, or no path is left.
 * @throws ConfigError when the graph has fewer than n edges, or not the ends that the rule needs.
 */
export function selectEdges(
  nodes: Nodes,
  values: ArrayLike<number>,
  n: number,
  selection: Selection,
  interval?: Interval,
): Circuit {
  if (selection.rule !== 'threshold') requireEdges(nodes, n);
  const why = needsEnds(selection);
  if (why !== undefined && nodes.convention !== 'eap-ig')
    throw new ConfigError({
      where: 'select',
      rule: `must suit the ${nodes.convention} graph, which has neither input nor logits`,
      got: `what needs them: ${why}`,
      cure: 'Choose the eap-ig graph, or another rule',
    });
  if (selection.rule === 'stable' && !interval)
    throw new ConfigError({
      where: 'select',
      rule: 'stable needs the intervals of scores',
      got: 'none',
      cure: 'Make them with bootstrapIntervals from the scores of each example, or call searchCircuit, which does',
    });
  const edges =
    interval && selection.rule === 'stable'
      ? stableEdges(nodes, values, n, interval, selection)
      : chosen(nodes, values, n, selection);
  const circuit = { nodes, edges };
  return selection.pruned === true ? pruned(circuit) : circuit;
}

/** @throws ConfigError for a circuit that a rule left without edges, which can be neither tuned nor looked at. */
export function requireSome(circuit: Circuit, { rule, threshold, pruned: isPruned = false }: Selection): Circuit {
  if (circuit.edges.length > 0) return circuit;
  const cures = [
    ...(rule === 'threshold'
      ? [`lower the threshold of ${threshold}`]
      : rule === 'stable'
        ? ['take more examples', 'keep more edges', 'select them with top-n']
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
  const keys = (): ArrayLike<number> => (signed ? values : absolute(values));
  switch (rule) {
    case 'top-n':
    case 'stable':
      return best(nodes, values, n, signed);
    case 'greedy':
      return greedyEdges(nodes, ranked(nodes, keys()), n);
    case 'node-weighted':
      return best(nodes, nodeWeighted(nodes, keys()), n, true);
    case 'joined':
      return joinedEdges(nodes, values, n, signed);
    case 'threshold':
      return allEdges(nodes).filter((edge) => (signed ? values[edge]! : Math.abs(values[edge]!)) >= threshold);
  }
}

/**
 * Those of the N best whose weaker end, the one of the interval nearer to 0, has their sign and is no weaker than the best
 * edge left out: all that is known of them says that they belong to the N.
 */
function stableEdges(
  nodes: Nodes,
  values: ArrayLike<number>,
  n: number,
  { low, high }: Interval,
  { signed = false }: Selection,
): Uint32Array<ArrayBuffer> {
  const keys = signed ? values : absolute(values);
  const weakest = (edge: number): number => (signed ? low[edge]! : Math.max(low[edge]!, -high[edge]!));
  const top = best(nodes, values, n, signed);
  const isTop = new Set(top);
  let cut = 0;
  for (const edge of allEdges(nodes)) if (!isTop.has(edge)) cut = Math.max(cut, keys[edge]!);
  return top.filter((edge) => weakest(edge) > 0 && weakest(edge) >= cut);
}

/**
 * The n edges of the largest numbers, or sizes of them, ascending; of equals those of lower index. Done on the host, in
 * less time than the figures and files of a search take: `pnpm bench select`.
 */
function best(nodes: Nodes, values: ArrayLike<number>, n: number, signed: boolean): Uint32Array<ArrayBuffer> {
  const edges = allEdges(nodes);
  const keys = new Float64Array(edges.length);
  for (let i = 0; i < edges.length; i++) keys[i] = values[edges[i]!]!;
  if (!signed) for (let i = 0; i < edges.length; i++) keys[i] = Math.abs(keys[i]!);
  const cut = nthLargest(keys, n);
  let ties = n;
  for (let i = 0; i < edges.length; i++) if (keys[i]! > cut) ties--;
  const found = new Uint32Array(n);
  let taken = 0;
  for (let i = 0; taken < n && i < edges.length; i++)
    if (keys[i]! > cut || (keys[i] === cut && ties-- > 0)) found[taken++] = edges[i]!;
  return found.slice(0, taken);
}

/** Of every number, in f64. */
function absolute(values: ArrayLike<number>): Float64Array<ArrayBuffer> {
  const sizes = new Float64Array(values.length);
  for (let i = 0; i < sizes.length; i++) sizes[i] = Math.abs(values[i]!);
  return sizes;
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
