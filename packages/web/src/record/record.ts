/**
 * What a page knows of a run: its events and the circuits it found, in the order in which they came. It grows while a run
 * goes on; a run that is opened from files is the same events, read at once.
 */
import type { CircuitNodes, CircuitSet } from '../draw/circuitData.js';
import type { ToldEvent } from './events.js';
import type { RunStory } from './story.js';
import { tellEvents } from './tell.js';

/** Every edge of a model's graph; all circuits of a run share it. Edge i goes from `sources[from[i]]` to `reads[to[i]]`. */
export interface RunGraph {
  readonly nodes: CircuitNodes;
  readonly from: Uint32Array;
  readonly to: Uint32Array;
}

/** One search: the signed score of each edge of the graph, and the edges that are kept, indices ascending. */
export interface Found {
  readonly score: Float32Array;
  readonly inside: Uint32Array;
}

/** A circuit at its place in the run. */
export interface Moment extends Found {
  /** `before`, `circuit/20` or `after:circuit`: what is said in links and file names. */
  readonly key: string;
  readonly when: 'before' | 'search' | 'after';
  /** Absent before tuning. */
  readonly method?: string;
  /** Steps done when it was found. */
  readonly step: number;
  /** File of the run folder it came from. */
  readonly path: string;
}

/** Where a circuit stands that an event brought; undefined for events that bring none. */
export function momentOf(event: ToldEvent, stepsDone: number): Omit<Moment, keyof Found> | undefined {
  if (event.kind === 'search' && event.circuit !== undefined) {
    const { step, method = 'circuit', circuit: path } = event;
    return { key: `${method}/${step}`, when: 'search', method, step, path };
  }
  if (event.kind !== 'circuit') return undefined;
  const { when, circuit: path } = event;
  if (when === 'before') return { key: when, when, step: 0, path };
  return { key: when, when: 'after', method: when.replace(/^after:/, ''), step: stepsDone, path };
}

export class RunRecord {
  readonly name: string;
  /** What the target's value is, as the experiment calls it: `logit_diff`. */
  readonly metric: string;
  /** Text of experiment.yaml. */
  readonly experiment: string | undefined;
  #graph: RunGraph | undefined;
  readonly #events: ToldEvent[] = [];
  readonly #moments: Moment[] = [];

  constructor({ name, metric, experiment }: { name: string; metric: string; experiment?: string | undefined }) {
    this.name = name;
    this.metric = metric;
    this.experiment = experiment;
  }

  get graph(): RunGraph | undefined {
    return this.#graph;
  }

  get events(): readonly ToldEvent[] {
    return this.#events;
  }

  /** In the order in which they were found: `before`, then method after method. */
  get moments(): readonly Moment[] {
    return this.#moments;
  }

  /** Must be known before the first circuit is added. */
  setGraph(graph: RunGraph): void {
    this.#graph = graph;
  }

  add(event: ToldEvent, found?: Found): void {
    this.#events.push(event);
    const moment = found && momentOf(event, this.#stepsDone(event));
    if (!moment) return;
    // a run that goes on from a checkpoint may find a circuit again
    const at = this.#moments.findIndex(({ key }) => key === moment.key);
    if (at >= 0) this.#moments[at] = { ...moment, ...found };
    else this.#moments.push({ ...moment, ...found });
  }

  /** All circuits over the graph's edges, as drawings take them; undefined before the first. */
  circuits(): CircuitSet | undefined {
    if (!this.#graph) return undefined;
    const { nodes, from, to } = this.#graph;
    return {
      nodes,
      from,
      to,
      circuits: this.#moments.map(({ key, score, inside }) => ({ key, score, inside, of: from.length })),
    };
  }

  /** Curves and tables of what was told so far. */
  story(): RunStory {
    return { metric: this.metric, ...tellEvents(this.#events), circuitTitles: {} };
  }

  #stepsDone(event: ToldEvent): number {
    const method = event.kind === 'circuit' ? event.when.replace(/^after:/, '') : undefined;
    const last = this.#events.findLast((it) => it.kind === 'step' && it.method === method);
    return last?.kind === 'step' ? last.step : 0;
  }
}
