/** What one cell came to, from the events of its run. */
import type { RunEvent } from '../experiment/events.js';

export interface CellOutcome {
  /** Target metric after tuning, on what was held out; of the base as well. */
  readonly target: number;
  readonly target_base: number;
  /** Share of decisions that good has won, where there are decisions. */
  readonly accuracy?: number;
  /** Perplexity of each text that is kept, and what it grew by: the geometric mean of all. */
  readonly perplexity: Readonly<Record<string, number>>;
  readonly perplexity_factor?: number;
  /** Numbers that could move, the mean over steps; numbers that did, over the whole run. */
  readonly tuned: number;
  readonly moved: number;
  /** Of the circuits searched: nodes and edges, the mean over searches. */
  readonly nodes?: number;
  readonly edges?: number;
  /** Overlap of the last search's edges with those of the first. */
  readonly jaccard_first?: number;
  readonly seconds: number;
}

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

/** Undefined where the run did not come to its end. */
export function outcomeOf(events: readonly RunEvent[]): CellOutcome | undefined {
  const done = events.findLast((event) => event.kind === 'done');
  const metrics = events.filter((event) => event.kind === 'metric');
  const base = metrics.find(({ step }) => step === 0);
  const last = metrics.findLast(({ method }) => method !== undefined && method === done?.method);
  if (!done || !base || !last) return undefined;
  const searches = events.filter((event) => event.kind === 'search');
  const names = Object.keys(last.keep);
  const grown = names.map((name) => last.keep[name]!.nll - base.keep[name]!.nll);
  return {
    target: last.target.value,
    target_base: base.target.value,
    ...(last.target.accuracy !== undefined && { accuracy: last.target.accuracy }),
    perplexity: Object.fromEntries(names.map((name) => [name, last.keep[name]!.perplexity])),
    ...(grown.length > 0 && { perplexity_factor: Math.exp(mean(grown)) }),
    tuned: mean(events.flatMap((event) => (event.kind === 'step' ? [event.tuned] : []))),
    moved: done.moved,
    ...(searches.length > 0 && {
      nodes: mean(searches.map(({ nodes }) => nodes)),
      edges: mean(searches.map(({ edges }) => edges)),
      jaccard_first: searches.at(-1)!.jaccard_first,
    }),
    seconds: done.seconds,
  };
}
