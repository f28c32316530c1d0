/** A chart of a run as data, and how it has a line for each method. */
import type { Series } from '../draw/series.js';
import type { MethodStory } from './story.js';

export interface Curve {
  /** Stays the same while a run grows. */
  readonly id: string;
  /** What is learnt, what must be kept, what is trained, how the circuit changes. */
  readonly group: 'target' | 'keep' | 'circuit' | 'search';
  readonly title: string;
  readonly lines: readonly Series[];
  /** Its values span decades: on a straight axis there would be one method, and a line at the bottom. */
  readonly isYLog: boolean;
  readonly yRange?: readonly [number, number];
  /** Its lines are not methods: they are named in the chart itself. */
  readonly hasOwnNames?: boolean;
  /** The values jump from step to step: a mean over so many of them says more. */
  readonly window?: number;
}

/** A line for each method. */
export function byMethod(
  methods: readonly MethodStory[],
  points: (method: MethodStory) => readonly (readonly [number, number | undefined])[],
  hasDots = true,
): Series[] {
  return methods.map((one) => ({
    name: one.method,
    hasDots,
    points: points(one).filter(
      (point): point is readonly [number, number] => point[1] !== undefined && Number.isFinite(point[1]),
    ),
  }));
}
