/** How far a run is: what comes before tuning, then method after method, each as a share of itself. */
import type { CheckedFacts, Status } from '../../engine/protocol.js';
import type { RunStory } from '../../record/story.js';

export interface Stage {
  /** Undefined for what comes before tuning. */
  readonly method: string | undefined;
  /** In [0, 1]. */
  readonly done: number;
  readonly isNow: boolean;
}

/** What is done before any tuning, in this order. */
const BEFORE = ['finding the circuit', 'measuring the base model', 'testing circuits'];

/** Of a method; what is left is finding and testing its circuit afterwards. */
const TUNING = 0.95;

export function stagesOf(
  { methods, steps }: Pick<CheckedFacts, 'methods' | 'steps'>,
  story: RunStory | undefined,
  status: Status,
): Stage[] {
  const told = new Map(story?.methods.map((it) => [it.method, it]));
  const shares = methods.map((method) => {
    const { done, steps: taken = [] } = told.get(method) ?? {};
    return done || steps === 0 ? 1 : (TUNING * (taken.at(-1)?.step ?? 0)) / steps;
  });
  const isTuning = shares.some((share) => share > 0) || status.what?.startsWith('tuning') === true;
  const isDone = status.phase === 'done';
  const stages = [beforeShare(isTuning || isDone, status), ...shares].map((share) => (isDone ? 1 : share));
  const now = isDone ? -1 : stages.findIndex((share) => share < 1);
  return stages.map((done, i) => ({ method: methods[i - 1], done, isNow: i === now }));
}

function beforeShare(isOver: boolean, { what = '', done = 0, of = 0 }: Status): number {
  if (isOver) return 1;
  const part = BEFORE.indexOf(what);
  return part === -1 ? 0 : (part + (of > 0 ? done / of : 0)) / BEFORE.length;
}

/** Of the whole run, in [0, 1]. */
export const shareDone = (stages: readonly Stage[]): number =>
  stages.length === 0 ? 0 : stages.reduce((sum, { done }) => sum + done, 0) / stages.length;
