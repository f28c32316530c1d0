/** Whether a circuit is all there is, and whether all of it is needed (Wang et al. 2022, https://arxiv.org/abs/2211.00593). */
import { Random } from '../task/random.js';
import type { Circuit } from '../circuit/circuit.js';
import type { PatchedModel } from './patchedModel.js';
import { allEdges, edgeName } from '../circuit/nodes.js';

/**
 * Faithfulness of all edges that the circuit leaves out: one pass over the examples. Near 0 where nothing outside does the
 * same work; a backup that wakes when the circuit is cut raises it.
 */
export async function completeness(patched: PatchedModel, circuit: Circuit): Promise<number> {
  const kept = new Set(circuit.edges);
  const edges = allEdges(circuit.nodes).filter((edge) => !kept.has(edge));
  return patched.share(await patched.metricOf({ nodes: circuit.nodes, edges }));
}

export interface MinimalityOptions {
  /** An edge whose removal changes less than this share of clean − ablated is needless. */
  readonly tolerance: number;
  /** So many edges of the circuit, drawn by seed; all unless told. */
  readonly sample?: number;
  readonly seed?: number;
  readonly onProgress?: (done: number, of: number) => void;
}

export interface Minimality {
  readonly tolerance: number;
  /** Edges that were taken out, each alone. */
  readonly tested: number;
  /** Share of them that are needless. */
  readonly needless: number;
  /** What the removal of each changes, as a share of clean − ablated: least first. Positive: the edge helps. */
  readonly changes: readonly { readonly edge: string; readonly change: number }[];
}

/** Takes edges out of a circuit one at a time: as many passes over the examples as edges are tested, and one. */
export async function minimality(
  patched: PatchedModel,
  circuit: Circuit,
  { tolerance, sample = circuit.edges.length, seed = 0, onProgress }: MinimalityOptions,
): Promise<Minimality> {
  const { nodes, edges } = circuit;
  const whole = patched.share(await patched.metricOf(circuit));
  const tested = new Random(seed).sample([...edges], sample).toSorted((a, b) => a - b);
  const changes: { edge: string; change: number }[] = [];
  for (const [i, edge] of tested.entries()) {
    const without = patched.share(await patched.metricOf({ nodes, edges: edges.filter((it) => it !== edge) }));
    changes.push({ edge: edgeName(nodes, edge), change: whole - without });
    onProgress?.(i + 1, tested.length);
  }
  const needless = changes.filter(({ change }) => Math.abs(change) < tolerance).length;
  return {
    tolerance,
    tested: tested.length,
    needless: tested.length === 0 ? 0 : needless / tested.length,
    changes: changes.toSorted((a, b) => Math.abs(a.change) - Math.abs(b.change)),
  };
}
