/** From scores to circuits. Signs are kept in scores; the absolute value is taken here and nowhere earlier. */
import { ConfigError } from '../errors.js';
import type { Random } from '../task/random.js';
import type { Circuit } from './circuit.js';
import { allEdges, type Nodes } from './nodes.js';
import { tunedParameters } from './slices.js';

/**
 * The N edges of largest |score|, ties by index.
 * @throws ConfigError when there are fewer than N edges.
 */
export function topEdges(nodes: Nodes, values: ArrayLike<number>, n: number): Circuit {
  requireEdges(nodes, n);
  const edges = allEdges(nodes);
  const order = edges.toSorted((a, b) => Math.abs(values[b]!) - Math.abs(values[a]!) || a - b);
  return { nodes, edges: order.slice(0, n).toSorted() };
}

/** N edges drawn without replacement, each set equally likely. */
export function randomEdges(nodes: Nodes, n: number, random: Random): Circuit {
  requireEdges(nodes, n);
  const edges = random.shuffle([...allEdges(nodes)]);
  return { nodes, edges: Uint32Array.from(edges.slice(0, n)).toSorted() };
}

/**
 * Random edges, taken one by one until their nodes own at least as many parameters as asked: a control of equal size.
 * A last edge that overshoots further than stopping short would is left out.
 */
export function randomOfEqualParameters(nodes: Nodes, parameters: number, random: Random): Circuit {
  const taken: number[] = [];
  let before = 0;
  for (const edge of random.shuffle([...allEdges(nodes)])) {
    const now = tunedParameters({ nodes, edges: Uint32Array.from([...taken, edge]) });
    if (now >= parameters && now - parameters > parameters - before) break;
    taken.push(edge);
    before = now;
    if (now >= parameters) break;
  }
  return { nodes, edges: Uint32Array.from(taken).toSorted() };
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

function requireEdges(nodes: Nodes, n: number): void {
  if (Number.isInteger(n) && n >= 1 && n <= nodes.edgeCount) return;
  throw new ConfigError({
    where: 'top-n',
    rule: `must be a whole number from 1 to the ${nodes.edgeCount} edges of this graph`,
    got: n,
    cure: 'Choose fewer edges, or the other graph convention',
  });
}
