/** What a run tells, one JSON object a line in events.jsonl. */
import type { Spread } from '../attribution/stability.js';
import type { Curves } from '../evaluation/curve.js';
import type { Faithfulness } from '../evaluation/faithfulness.js';
import type { Grades } from '../task/grades.js';
import type { Minimality } from '../evaluation/minimality.js';
import type { Predicted } from '../evaluation/predicted.js';
import type { Method } from '../tuning/methods/index.js';

export interface TargetValue {
  readonly value: number;
  /** Share of decisions that good has won. */
  readonly accuracy?: number;
}

/** Means over groups, with halves of their 95% intervals; see `prejudice`. */
export interface PrejudiceValue {
  readonly risk: number;
  readonly risk_margin?: number;
  readonly bias: number;
  readonly bias_margin?: number;
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
  readonly prejudice?: Readonly<Record<string, PrejudiceValue>>;
}

/** Of a search while the run goes on; `analyze` tells more afterwards. */
export interface SearchFigures {
  /** Edges that the search before did not find, and those that only it found. */
  readonly entered: number;
  readonly left: number;
  /** Overlap of the nodes with those of the first search, and of the one before. */
  readonly nodes_first: number;
  readonly nodes_previous: number;
  /**
   * Of |score| over all edges as shares of their sum, in nats; absent, as the rest, where every score is 0. To twelve digits:
   * engines of JavaScript differ in the last bit of a logarithm, and a run tells the same wherever it runs.
   */
  readonly entropy?: number;
  readonly gini?: number;
  /** Share that the strongest hundredth of the edges has. */
  readonly top1?: number;
}

export interface SearchEvent extends SearchFigures {
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

/** How far parameters are from the base; told whenever a checkpoint is saved. */
export interface MovedEvent {
  readonly kind: 'moved';
  readonly step: number;
  readonly method: Method;
  /** Of all parameters: the norm of the change, and that over the norm of the base. */
  readonly norm: number;
  readonly relative: number;
  /** Share of the squared norm by node, of those that moved; `outside every node` are embeddings, norms and the like. */
  readonly shares: Readonly<Record<string, number>>;
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
  readonly completeness?: number;
  readonly minimality?: Omit<Minimality, 'changes'>;
  readonly exact?: Omit<Predicted, 'edges' | 'false_negatives'> & { readonly false_negatives: number };
  /** The file that has every edge of minimality and exact. */
  readonly tests?: string;
}

/** Scores of other things than edges, where the experiment asks for them: paths in the run folder. */
export interface ScoresEvent {
  readonly kind: 'scores';
  readonly when: 'before' | `after:${Method}`;
  readonly nodes?: string;
  readonly positions?: string;
  readonly examples?: string;
}

/** How much of the circuit before tuning another draw of the data would leave. */
export interface StabilityEvent {
  readonly kind: 'stability';
  readonly when: 'before';
  /** Paths in the run folder: all of what was found, and the stable core as a graph. */
  readonly stability: string;
  readonly core: string;
  /** Edges of the circuit, and of its stable core. */
  readonly edges: number;
  readonly core_edges: number;
  /** Of the edges that one draw of the data gives, the share that another draw's circuit has; the overlap of the two. */
  readonly kept: Spread;
  readonly jaccard: Spread;
}

/** Answers that the model wrote to a task, and how many were right. */
export interface GradedEvent extends Grades {
  readonly kind: 'graded';
  readonly when: 'before' | `after:${Method}`;
  /** As the experiment calls the task. */
  readonly name: string;
  /** Path in the run folder of every answer, JSONL. */
  readonly answers: string;
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

export type Fact =
  | MetricEvent
  | SearchEvent
  | CircuitEvent
  | ScoresEvent
  | StabilityEvent
  | StepEvent
  | MovedEvent
  | FaithfulnessEvent
  | GradedEvent
  | DoneEvent;
/** `t`: seconds since the start of the run, without pauses and interruptions. */
export type RunEvent = Fact & { readonly t: number };
