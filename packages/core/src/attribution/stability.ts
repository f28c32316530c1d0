/**
 * How much of a circuit would survive another draw of the data. The examples at hand stand for the population, resamples of
 * them for other draws (the bootstrap's principle): each gets a circuit of its own by the same rule, and what two such
 * circuits share is what two draws would.
 */
import type { Session } from '../run/session.js';
import { visitResamples, type BootstrapOptions } from './bootstrap.js';
import { overlap, type Circuit } from '../circuit/circuit.js';
import { allEdges, type Nodes } from '../circuit/nodes.js';
import type { Scores } from './scores.js';
import { selectEdges, type Selection } from '../circuit/select.js';

/** A mean over pairs of draws, and between which values 95 of 100 of them lie. */
export interface Spread {
  readonly mean: number;
  readonly low: number;
  readonly high: number;
}

export interface Stability {
  readonly resamples: number;
  /** [S, R]: in which share of the resamples' circuits an edge is. */
  readonly inclusion: Float32Array<ArrayBuffer>;
  /** Of the edges of one draw's circuit, the share that another's has too. */
  readonly kept: Spread;
  /** |A ∩ B| / |A ∪ B| of two draws' circuits. */
  readonly jaccard: Spread;
}

export interface StabilityOptions extends BootstrapOptions {
  readonly topN: number;
  /** Any rule but `stable`. */
  readonly select: Selection;
  readonly onProgress?: (done: number, of: number) => void;
}

export async function stabilityOf(
  session: Session,
  { nodes, perExample }: Required<Pick<Scores, 'nodes' | 'perExample'>>,
  { topN, select, onProgress = () => {}, ...bootstrap }: StabilityOptions,
): Promise<Stability> {
  const counts = new Uint32Array(nodes.sources.length * nodes.reads.length);
  const [kept, jaccards]: [number[], number[]] = [[], []];
  let before: Uint32Array | undefined;
  let resamples = 0;
  await visitResamples(session, perExample, allEdges(nodes), bootstrap, (b, values) => {
    const { edges } = selectEdges(nodes, values, topN, select);
    for (const edge of edges) counts[edge]!++;
    // Pairs that share no resample are independent of each other.
    if (b % 2 === 1 && before) {
      kept.push(sharedOf(before, edges));
      jaccards.push(overlap(before, edges));
    }
    before = edges;
    resamples = b + 1;
    onProgress(resamples, bootstrap.resamples ?? resamples);
  });
  const inclusion = Float32Array.from(counts, (count) => count / resamples);
  return { resamples, inclusion, kept: spreadOf(kept), jaccard: spreadOf(jaccards) };
}

/** Of the edges of `a`, the share that `b` has; 1 for none. */
export function sharedOf(a: Uint32Array, b: Uint32Array): number {
  const other = new Set(b);
  return a.length === 0 ? 1 : a.reduce((count, edge) => count + (other.has(edge) ? 1 : 0), 0) / a.length;
}

function spreadOf(values: readonly number[]): Spread {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (share: number): number => sorted[Math.round(share * (sorted.length - 1))]!;
  return { mean: values.reduce((sum, value) => sum + value, 0) / values.length, low: at(0.025), high: at(0.975) };
}

/** Circuits of parts of the examples: what each found of its own, beside the circuit of all. */
export interface Part {
  readonly name: string;
  readonly examples: number;
  readonly circuit: Circuit;
  /** Of the edges of the circuit of all, the share that the part's has. */
  readonly kept: number;
  readonly jaccard: number;
}

/** The circuit of each part's examples alone; of a part, the indices of its examples. */
export function circuitsOfParts(
  nodes: Nodes,
  perExample: readonly Float32Array[],
  parts: ReadonlyMap<string, readonly number[]>,
  whole: Circuit,
  { topN, select }: Pick<StabilityOptions, 'topN' | 'select'>,
): Part[] {
  return [...parts].map(([name, members]) => {
    const values = new Float64Array(nodes.sources.length * nodes.reads.length);
    for (const e of members) for (let i = 0; i < values.length; i++) values[i]! += perExample[e]![i]! / members.length;
    const circuit = selectEdges(nodes, values, topN, select);
    return {
      name,
      examples: members.length,
      circuit,
      kept: sharedOf(whole.edges, circuit.edges),
      jaccard: overlap(whole.edges, circuit.edges),
    };
  });
}
