/** Events in the order they happened become one story by method. */
import type { ToldEvent } from './events.js';
import type { FaithfulnessStory, GradedStory, Measurement, MethodStory, SearchStory, StepStory } from './story.js';

export interface Told {
  readonly methods: MethodStory[];
  readonly faithfulness: FaithfulnessStory[];
  readonly graded: GradedStory[];
}

interface Growing {
  measured: Map<number, Measurement>;
  searches: Map<number, SearchStory>;
  steps: Map<number, StepStory>;
  moved: Map<number, NonNullable<MethodStory['moved']>[number]>;
  done?: MethodStory['done'];
}

/**
 * A run that was resumed repeats the steps behind its last checkpoint: of two events of one step the later one holds.
 * An event without a method is about the base model, which all methods start from.
 */
export function tellEvents(events: readonly ToldEvent[]): Told {
  const growing = new Map<string, Growing>();
  const faithfulness = new Map<string, FaithfulnessStory>();
  const graded = new Map<string, GradedStory>();
  let base: Measurement | undefined;
  const of = (method: string): Growing => {
    if (!growing.has(method))
      growing.set(method, { measured: new Map(), searches: new Map(), steps: new Map(), moved: new Map() });
    return growing.get(method)!;
  };
  for (const event of events) {
    if (event.kind === 'faithfulness') {
      const { when, jaccard_before: overlapBefore, rows, curve, completeness, minimality, exact } = event;
      const tests = { completeness, minimality, exact };
      faithfulness.set(when, { when, overlapBefore, rows, ...(curve && { curve }), ...tests });
      continue;
    }
    if (event.kind === 'graded') {
      const { kind: _kind, ...of } = event;
      graded.set(`${of.when} ${of.name}`, of);
      continue;
    }
    if (event.kind === 'circuit') continue;
    const { method } = event;
    if (event.kind === 'metric') {
      const { step, target, keep } = event;
      const measurement = { step, ...target, keep };
      if (method === undefined || method === 'base') base = measurement;
      else of(method).measured.set(step, measurement);
    } else if (method !== undefined) take(of(method), event);
  }
  const ascending = <T extends { step: number }>(values: Iterable<T>): T[] =>
    [...values].sort((a, b) => a.step - b.step);
  const methods = [...growing].map(([method, { measured, searches, steps, moved, done }]): MethodStory => {
    if (base && !measured.has(0)) measured.set(0, base);
    return {
      method,
      measured: ascending(measured.values()),
      searches: ascending(searches.values()),
      steps: ascending(steps.values()),
      ...(moved.size > 0 && { moved: ascending(moved.values()) }),
      ...(done && { done }),
    };
  });
  // before tuning, or without it, there is one model and not one for each method
  const isUntuned = methods.every(
    ({ steps, measured }) => steps.length === 0 && measured.every(({ step }) => step === 0),
  );
  if (isUntuned && base)
    return {
      methods: [{ method: 'base model', measured: [base], searches: [], steps: [] }],
      faithfulness: [...faithfulness.values()],
      graded: [...graded.values()],
    };
  return { methods, faithfulness: [...faithfulness.values()], graded: [...graded.values()] };
}

function take(
  method: Growing,
  event: Exclude<ToldEvent, { kind: 'metric' | 'faithfulness' | 'graded' | 'circuit' }>,
): void {
  if (event.kind === 'search') {
    const { step, circuit: file, edges, nodes, tuned, jaccard_first: first, jaccard_previous: previous } = event;
    const { nodes_first: nodesFirst, entered, left, entropy, top1 } = event;
    method.searches.set(step, {
      step,
      file,
      edges,
      nodes,
      tuned,
      first,
      previous,
      nodesFirst,
      entered,
      left,
      entropy,
      top1,
    });
  } else if (event.kind === 'moved') {
    const { step, relative } = event;
    method.moved.set(step, { step, relative });
  } else if (event.kind === 'step') {
    const { step, loss, lr, tuned, grad_norm: gradNorm } = event;
    method.steps.set(step, { step, loss, lr, tuned, gradNorm });
  } else {
    const { moved, tuned_max: tunedMax, steps, seconds } = event;
    method.done = { moved, tunedMax, steps, seconds };
  }
}
