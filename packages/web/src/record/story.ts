/** What a run folder says, as plain data: the CLI reads it from files, a page from what the user opens. */
import type { Analysis } from '@circuit-tuning/core';
import type { HeadChart } from './headCurves.js';
import type { CircuitSet } from '../draw/circuitData.js';

export interface RunStory {
  /** What the target's value is, as the experiment calls it: `logit_diff`. */
  readonly metric: string;
  readonly methods: readonly MethodStory[];
  readonly faithfulness: readonly FaithfulnessStory[];
  readonly graded?: readonly GradedStory[];
  readonly circuits?: CircuitSet;
  /** Of each circuit of the set, by its key. */
  readonly circuitTitles: Readonly<Record<string, string>>;
  /** Where an analysis read what heads do. */
  readonly heads?: readonly HeadChart[];
}

export interface MethodStory {
  readonly method: string;
  /** By step ascending; step 0 is the base model. */
  readonly measured: readonly Measurement[];
  readonly searches: readonly SearchStory[];
  readonly steps: readonly StepStory[];
  /** How far parameters were from the base, whenever a checkpoint was saved: ‖Δ‖ / ‖base‖. */
  readonly moved?: readonly { readonly step: number; readonly relative: number }[];
  /** Absent while a method has not come to its end. */
  readonly done?: {
    readonly moved: number;
    readonly tunedMax: number;
    readonly steps: number;
    readonly seconds: number;
  };
}

export interface Measurement {
  readonly step: number;
  readonly value: number;
  /** Share of decisions that good has won, in [0, 1]. */
  readonly accuracy?: number;
  /** By name of the kept set, nll in nats per token. */
  readonly keep: Readonly<Record<string, { readonly nll?: number; readonly perplexity?: number }>>;
}

export interface SearchStory {
  readonly step: number;
  readonly file?: string;
  readonly edges?: number;
  readonly nodes?: number;
  readonly tuned?: number;
  /** Overlap |A ∩ B| / |A ∪ B| with the edges of the first search, and of the one before. */
  readonly first?: number;
  readonly previous?: number;
  /** The same of the nodes, with the first search. */
  readonly nodesFirst?: number;
  /** Edges that the search before did not have, and those that only it had. */
  readonly entered?: number;
  readonly left?: number;
  /** How scores are spread over all edges: entropy in nats, and what the strongest hundredth has. */
  readonly entropy?: number;
  readonly top1?: number;
}

export interface StepStory {
  readonly step: number;
  readonly loss: number;
  readonly lr?: number;
  readonly tuned?: number;
  readonly gradNorm?: number;
}

/** Faithfulness over fractions of the edges, as events tell it. */
export interface MibCurve {
  readonly points: readonly {
    readonly fraction: number;
    readonly edges: number;
    readonly faithfulness: number;
    readonly random_edges: readonly number[];
    readonly random_parameters: readonly number[];
  }[];
}

export interface FaithfulnessStory {
  /** `before`, or `after:<method>`. */
  readonly when: string;
  /** Overlap of this circuit with the one before tuning. */
  readonly overlapBefore?: number;
  readonly rows: readonly {
    readonly edges: number;
    readonly clean: number;
    readonly circuit: number;
    readonly ablated: number;
    readonly faithfulness: number;
    readonly random: readonly number[];
  }[];
  /** Where the experiment asked for it. */
  readonly curve?: {
    readonly cpr: number;
    readonly cmd: number;
    readonly signed: MibCurve;
    readonly absolute: MibCurve;
  };
  /** Faithfulness of the edges outside. */
  readonly completeness?: number | undefined;
  /** Share of the edges tested whose removal changes less than the tolerance. */
  readonly minimality?: { readonly tolerance: number; readonly tested: number; readonly needless: number } | undefined;
  /** How scores agree with the exact effects of the edges tested. */
  readonly exact?:
    | {
        readonly tested: number;
        readonly of_edges: number;
        readonly spearman: number;
        readonly pearson: number;
        readonly spearman_absolute: number;
        readonly weakest?: { readonly edge: string; readonly effect: number } | undefined;
        readonly false_negatives: number;
      }
    | undefined;
}

/** Answers that the model wrote to a task, graded. */
export interface GradedStory {
  /** `before`, or `after:<method>`. */
  readonly when: string;
  readonly name: string;
  readonly rule: string;
  readonly examples: number;
  readonly accuracy: { readonly share: number; readonly low: number; readonly high: number };
  readonly unanswered?: number | undefined;
  readonly f1?: { readonly mean: number; readonly margin?: number | undefined } | undefined;
  readonly macro?: { readonly precision: number; readonly recall: number; readonly f1: number } | undefined;
}

/** What runs of before told at their end only: figures of searches that the events lack, from an analysis. */
export const withAnalysis = (methods: readonly MethodStory[], analysis: Pick<Analysis, 'methods'>): MethodStory[] =>
  methods.map((one) => {
    const known = new Map(
      analysis.methods.find(({ method }) => method === one.method)?.searches.map((search) => [search.step, search]),
    );
    const searches = one.searches.map((search): SearchStory => {
      const found = known.get(search.step);
      if (!found) return search;
      const { edges, nodes, scores } = found;
      return {
        ...search,
        nodesFirst: search.nodesFirst ?? nodes.first,
        entered: search.entered ?? edges.entered,
        left: search.left ?? edges.left,
        ...(scores && { entropy: search.entropy ?? scores.entropy, top1: search.top1 ?? scores.top1 }),
      };
    });
    return { ...one, searches };
  });

export const isTuned = ({ methods }: RunStory): boolean =>
  methods.some(({ steps, measured }) => steps.length > 0 || measured.some(({ step }) => step > 0));

/** `before tuning`, `after circuit`; `circuit` where there is only one. */
export const whenInWords = (story: RunStory, when: string): string =>
  when === 'before' ? (isTuned(story) ? 'before tuning' : 'circuit') : when.replace(/^after:/, 'after ');

/**
 * Sizes at which faithfulness divides by next to nothing: the whole model does no better than with all edges ablated, or
 * so little that a tenth of its value would be more.
 */
export const withoutScale = ({ faithfulness }: RunStory): FaithfulnessStory[] =>
  faithfulness.filter(({ rows }) =>
    rows.some(({ clean, ablated }) => Math.abs(clean - ablated) < 0.1 * Math.max(Math.abs(clean), Math.abs(ablated))),
  );

/** Names of the kept sets, in the order in which they come. */
export const keptSets = ({ methods }: RunStory): string[] => [
  ...new Set(methods.flatMap(({ measured }) => measured.flatMap(({ keep }) => Object.keys(keep)))),
];
