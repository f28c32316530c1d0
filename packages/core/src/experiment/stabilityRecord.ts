/** What a test of stability found, as `stability.json` has it: plain data, every field of it told here. */
import { nodeCount, type Circuit } from '../circuit/circuit.js';
import { allEdges, edgeName } from '../circuit/nodes.js';
import type { Scores } from '../attribution/scores.js';
import type { Spread, Stability } from '../attribution/stability.js';
import { attributionMeta } from './attribution.js';
import type { Prepared } from './prepared.js';

/** One way in which the circuit could have come out otherwise, and how much it did. */
export interface Variation {
  /** What differs: `template`, `fold`, `seed`, or the key of the discovery. */
  readonly source: string;
  readonly name: string;
  readonly examples: number;
  readonly edges: number;
  /** Share of the circuit's edges that this one has too; of the stable core's. Of a seed: of the core alone. */
  readonly kept: number;
  readonly core_kept: number;
  readonly jaccard: number;
}

export interface StabilityRecord {
  readonly model: string;
  readonly task: string;
  readonly examples: number;
  readonly metric_name: string;
  /** Mean over the examples. */
  readonly metric: number;
  readonly graph: string;
  readonly of_edges: number;
  /** How edges were scored. */
  readonly scored: Readonly<Record<string, string | number>>;
  /** By which rule the circuit was made. */
  readonly select: string;
  readonly resamples: number;
  readonly confidence: number;
  readonly seed: number;
  readonly circuit: { readonly edges: number; readonly nodes: number };
  readonly core: { readonly edges: number; readonly nodes: number };
  /** Of the edges of the circuit that one draw of the data gives, the share that another draw's has. */
  readonly kept: Spread;
  /** |A ∩ B| / |A ∪ B| of two draws' circuits. */
  readonly jaccard: Spread;
  readonly variations: readonly Variation[];
  /** Every edge that is in the circuit, or in that of any resample; the strongest first. */
  readonly edges: readonly StableEdge[];
}

export interface StableEdge {
  readonly edge: string;
  readonly score: number;
  /** Ends of the interval; null where it has none. */
  readonly low: number | null;
  readonly high: number | null;
  /** Share of the resamples whose circuit has the edge. */
  readonly inclusion: number;
  readonly in_circuit: boolean;
  readonly in_core: boolean;
}

interface Found {
  readonly circuit: Circuit;
  readonly core: Circuit;
  readonly scores: Required<Pick<Scores, 'values' | 'interval' | 'metric' | 'examples'>>;
  readonly stability: Stability;
  readonly variations: readonly Variation[];
}

export function recordOf(prepared: Prepared, { circuit, core, scores, stability, variations }: Found): StabilityRecord {
  const { nodes, metric, select } = prepared;
  const { values, interval } = scores;
  const { inclusion, kept, jaccard } = stability;
  const inCircuit = new Set(circuit.edges);
  const inCore = new Set(core.edges);
  const end = (value: number): number | null => (Number.isFinite(value) ? value : null);
  const edges = [...allEdges(nodes)]
    .filter((edge) => inCircuit.has(edge) || inclusion[edge]! > 0)
    .toSorted((a, b) => Math.abs(values[b]!) - Math.abs(values[a]!) || a - b);
  return {
    model: prepared.experiment.model,
    task: prepared.experiment.data.task,
    examples: scores.examples,
    metric_name: metric,
    metric: scores.metric,
    graph: nodes.convention,
    of_edges: nodes.edgeCount,
    scored: attributionMeta(prepared),
    select: select.rule,
    resamples: interval.resamples,
    confidence: interval.confidence,
    seed: interval.seed,
    circuit: { edges: circuit.edges.length, nodes: nodeCount(circuit) },
    core: { edges: core.edges.length, nodes: nodeCount(core) },
    kept,
    jaccard,
    variations,
    edges: edges.map((edge) => ({
      edge: edgeName(nodes, edge),
      score: values[edge]!,
      low: end(interval.low[edge]!),
      high: end(interval.high[edge]!),
      inclusion: inclusion[edge]!,
      in_circuit: inCircuit.has(edge),
      in_core: inCore.has(edge),
    })),
  };
}
