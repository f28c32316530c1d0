/** What a run tells, one JSON object a line in events.jsonl. */
import type { Curves } from '../circuit/curve.js';
import type { Faithfulness } from '../circuit/faithfulness.js';
import type { Method } from '../circuit/methods/index.js';

export interface TargetValue {
  readonly value: number;
  /** Share of decisions that good has won. */
  readonly accuracy?: number;
}

export interface Kept {
  readonly nll: number;
  readonly perplexity: number;
}

/** Step 0 is the base model. */
export interface MetricEvent {
  readonly kind: 'metric';
  readonly step: number;
  readonly method?: Method;
  readonly target: TargetValue;
  readonly keep: Readonly<Record<string, Kept>>;
}

export interface SearchEvent {
  readonly kind: 'search';
  readonly step: number;
  readonly method: Method;
  /** Path in the run folder. */
  readonly circuit: string;
  readonly edges: number;
  readonly nodes: number;
  /** Numbers that may move. */
  readonly tuned: number;
  /** Overlap of the edges found with those of the first search, and of the one before. */
  readonly jaccard_first: number;
  readonly jaccard_previous: number;
  /** Mean of the metric over the examples searched on. */
  readonly metric: number;
}

/** The circuit of the model as it is, before it is tested: the first there is to draw. */
export interface CircuitEvent {
  readonly kind: 'circuit';
  readonly when: 'before' | `after:${Method}`;
  /** Path in the run folder. */
  readonly circuit: string;
  readonly edges: number;
  readonly nodes: number;
  /** Mean of the metric over the examples searched on. */
  readonly metric: number;
}

export interface StepEvent {
  readonly kind: 'step';
  readonly step: number;
  readonly method: Method;
  readonly loss: number;
  readonly lr: number;
  readonly tuned: number;
  readonly grad_norm?: number;
}

export interface FaithfulnessEvent {
  readonly kind: 'faithfulness';
  readonly when: 'before' | `after:${Method}`;
  readonly circuit: string;
  /** Overlap with the circuit before. */
  readonly jaccard_before?: number;
  readonly rows: readonly Faithfulness[];
  /** Where the experiment asks for it, before tuning. */
  readonly curve?: Curves;
}

export interface DoneEvent {
  readonly kind: 'done';
  readonly method: Method;
  /** Parameters whose value differs from the base. */
  readonly moved: number;
  readonly tuned_max: number;
  readonly steps: number;
  readonly seconds: number;
}

export type Fact = MetricEvent | SearchEvent | CircuitEvent | StepEvent | FaithfulnessEvent | DoneEvent;
/** `t`: seconds since the start of the run, without pauses and interruptions. */
export type RunEvent = Fact & { readonly t: number };
