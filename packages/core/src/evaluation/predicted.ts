/**
 * Scores against what they estimate: the exact effect of an edge is what the metric loses when it alone is ablated,
 *
 *   effect(e) = metric of all edges − metric of all edges but e
 */
import { fitLine } from '../dynamics/correlation.js';
import { Random } from '../task/random.js';
import type { Circuit } from '../circuit/circuit.js';
import type { PatchedModel } from './patchedModel.js';
import { allEdges, edgeName, type Nodes } from '../circuit/nodes.js';
import { wholeGraph } from '../circuit/select.js';

/** Parts of equal size, by |score|, that a sample is drawn from alike: weak edges and strong ones are in it as in the graph. */
const STRATA = 10;

/** Edges drawn by seed, ascending; all of them where there are no more than asked. */
export function stratifiedEdges(nodes: Nodes, values: ArrayLike<number>, count: number, seed: number): number[] {
  const order = [...allEdges(nodes)].toSorted((a, b) => Math.abs(values[b]!) - Math.abs(values[a]!) || a - b);
  const cut = (i: number, total: number): number => Math.floor((i * total) / STRATA);
  return Array.from({ length: STRATA }, (_, i) => {
    const stratum = order.slice(cut(i, order.length), cut(i + 1, order.length));
    return new Random(seed, i).sample(stratum, cut(i + 1, count) - cut(i, count));
  })
    .flat()
    .toSorted((a, b) => a - b);
}

/**
 * Effects of some edges, a pass over the examples for each and one more. It serves samples, of any graph that runs;
 * `exactScores` patches many edges of a batch at once, and all of them.
 */
export async function exactEffects(
  patched: PatchedModel,
  edges: readonly number[],
  onProgress?: (done: number, of: number) => void,
): Promise<number[]> {
  const whole = wholeGraph(patched.nodes);
  const metric = await patched.metricOf(whole);
  const effects: number[] = [];
  for (const edge of edges) {
    effects.push(metric - (await patched.metricOf({ ...whole, edges: whole.edges.filter((it) => it !== edge) })));
    onProgress?.(effects.length, edges.length);
  }
  return effects;
}

export interface ComparedEdge {
  readonly edge: string;
  readonly score: number;
  readonly effect: number;
  readonly in_circuit: boolean;
}

export interface Predicted {
  readonly tested: number;
  readonly of_edges: number;
  /** Correlations of scores and effects, signs included; of ranks, and of values. */
  readonly spearman: number;
  readonly pearson: number;
  /** Of the ranks by size, which is what selection by |score| goes by. */
  readonly spearman_absolute: number;
  /** The edge of the circuit, of those tested, whose effect is smallest; absent where none was tested. */
  readonly weakest?: ComparedEdge;
  /** Edges outside the circuit whose effect is larger than the weakest one's, largest first. */
  readonly false_negatives: readonly ComparedEdge[];
  /** All that were tested, largest effect first. */
  readonly edges: readonly ComparedEdge[];
}

/** @param effects of the edges, in their order. */
export function comparePredicted(
  circuit: Circuit,
  values: ArrayLike<number>,
  edges: readonly number[],
  effects: readonly number[],
): Predicted {
  const { nodes } = circuit;
  const kept = new Set(circuit.edges);
  const scores = edges.map((edge) => values[edge]!);
  const sizes = (list: readonly number[]): number[] => list.map((value) => Math.abs(value));
  const compared = edges
    .map((edge, i) => ({
      edge: edgeName(nodes, edge),
      score: scores[i]!,
      effect: effects[i]!,
      in_circuit: kept.has(edge),
    }))
    .toSorted((a, b) => Math.abs(b.effect) - Math.abs(a.effect));
  const weakest = compared.findLast((it) => it.in_circuit);
  return {
    tested: edges.length,
    of_edges: nodes.edgeCount,
    spearman: fitLine(ranks(scores), ranks(effects)).r,
    pearson: fitLine(scores, effects).r,
    spearman_absolute: fitLine(ranks(sizes(scores)), ranks(sizes(effects))).r,
    ...(weakest && { weakest }),
    false_negatives: weakest
      ? compared.filter((it) => !it.in_circuit && Math.abs(it.effect) > Math.abs(weakest.effect))
      : [],
    edges: compared,
  };
}

/** From 0, equal values sharing the mean of their ranks. */
function ranks(values: readonly number[]): number[] {
  const order = values.map((_, i) => i).toSorted((a, b) => values[a]! - values[b]!);
  const result: number[] = [];
  for (let from = 0; from < order.length;) {
    let to = from;
    while (to < order.length && values[order[to]!] === values[order[from]!]) to++;
    for (let i = from; i < to; i++) result[order[i]!] = (from + to - 1) / 2;
    from = to;
  }
  return result;
}
