/** What the methods of a run came to, side by side: how far the target moved, what was forgotten, and what that says. */
import { formatNumber } from '../draw/table.js';
import { keptSets, type Measurement, type MethodStory, type RunStory } from './story.js';

export interface Outcome {
  readonly method: string;
  readonly state: 'waiting' | 'running' | 'done';
  /** Steps done. */
  readonly steps: number;
  /** The base model, and the newest measurement after it. */
  readonly before: Measurement | undefined;
  readonly after: Measurement | undefined;
  /** How far the target's value moved. */
  readonly change: number | undefined;
  /** Perplexity after / before, the geometric mean over the kept sets: 1 forgets nothing. */
  readonly forgot: number | undefined;
  /** The same of each kept set. */
  readonly forgotOf: Readonly<Record<string, number>>;
  /** The most parameters that were free at once. */
  readonly tunedMax: number | undefined;
  /** Parameters that differ from the base model at the end. */
  readonly moved: number | undefined;
  readonly seconds: number | undefined;
  /** Forgetting and target at each measurement, the base model first: its way from there. */
  readonly path: readonly { readonly step: number; readonly value: number; readonly forgot: number | undefined }[];
}

export function outcomesOf(story: RunStory): Outcome[] {
  const sets = keptSets(story);
  return story.methods.map((one) => outcome(one, sets));
}

function outcome({ method, measured, steps, done }: MethodStory, sets: readonly string[]): Outcome {
  const before = measured.find(({ step }) => step === 0);
  const after = measured.findLast(({ step }) => step > 0);
  const tuned = steps.flatMap(({ tuned }) => (tuned === undefined ? [] : [tuned]));
  return {
    method,
    state: done ? 'done' : steps.length > 0 || after ? 'running' : 'waiting',
    steps: done?.steps ?? steps.at(-1)?.step ?? after?.step ?? 0,
    before,
    after,
    change: before && after && after.value - before.value,
    forgot: after && meanRatio(before, after, sets),
    forgotOf: Object.fromEntries(
      sets.flatMap((name) => {
        const ratio = ratioOf(before, after, name);
        return ratio === undefined ? [] : [[name, ratio]];
      }),
    ),
    tunedMax: done?.tunedMax ?? (tuned.length > 0 ? tuned.reduce((a, b) => Math.max(a, b)) : undefined),
    moved: done?.moved,
    seconds: done?.seconds,
    path: measured.map((measurement) => ({
      step: measurement.step,
      value: measurement.value,
      forgot: meanRatio(before, measurement, sets),
    })),
  };
}

function ratioOf(before: Measurement | undefined, after: Measurement | undefined, name: string): number | undefined {
  const [from, to] = [before?.keep[name]?.perplexity, after?.keep[name]?.perplexity];
  return from === undefined || to === undefined || !(from > 0) ? undefined : to / from;
}

/** Undefined where a set has no measurement: a mean over fewer sets would be of something else. */
function meanRatio(before: Measurement | undefined, after: Measurement, sets: readonly string[]): number | undefined {
  const ratios = sets.map((name) => ratioOf(before, after, name));
  const known = ratios.filter((ratio) => ratio !== undefined);
  if (known.length === 0 || known.length < sets.length) return undefined;
  return Math.exp(known.reduce((sum, ratio) => sum + Math.log(ratio), 0) / known.length);
}

/**
 * Which way training takes the target: 1 up, -1 down, 0 where nothing says. An experiment may train a behaviour away, so
 * the way is what most of the movement of all methods together says.
 */
export function wayOf(outcomes: readonly Outcome[]): 1 | -1 | 0 {
  const sum = outcomes.reduce((total, { change = 0 }) => total + change, 0);
  return sum > 0 ? 1 : sum < 0 ? -1 : 0;
}

/** Names of the methods that are ahead by one measure; more than one where they are equal, none where fewer than two compare. */
function ahead(outcomes: readonly Outcome[], value: (of: Outcome) => number | undefined): string[] {
  const known = outcomes.flatMap((of) => {
    const it = value(of);
    return it === undefined || !Number.isFinite(it) ? [] : [{ method: of.method, it }];
  });
  const best = Math.max(...known.map(({ it }) => it));
  const leaders = known.filter(({ it }) => it === best).map(({ method }) => method);
  return known.length < 2 || leaders.length === known.length ? [] : leaders;
}

export interface Leaders {
  /** Moved the target furthest the way training takes it. */
  readonly target: readonly string[];
  readonly accuracy: readonly string[];
  /** Forgot least over all kept sets, and of each. */
  readonly forgot: readonly string[];
  readonly forgotOf: Readonly<Record<string, readonly string[]>>;
  readonly tunedMax: readonly string[];
  readonly moved: readonly string[];
}

/** Who is ahead at what, among the methods that are done: a method at half its steps compares with none. */
export function leadersOf(story: RunStory, outcomes: readonly Outcome[]): Leaders {
  const done = outcomes.filter(({ state }) => state === 'done');
  const way = wayOf(done);
  const less = (value: number | undefined): number | undefined => (value === undefined ? undefined : -value);
  return {
    target: way === 0 ? [] : ahead(done, ({ change }) => change && change * way),
    accuracy: way === 0 ? [] : ahead(done, ({ after }) => after?.accuracy && after.accuracy * way),
    forgot: ahead(done, ({ forgot }) => less(forgot)),
    forgotOf: Object.fromEntries(
      keptSets(story).map((name) => [name, ahead(done, ({ forgotOf }) => less(forgotOf[name]))]),
    ),
    tunedMax: ahead(done, ({ tunedMax }) => less(tunedMax)),
    moved: ahead(done, ({ moved }) => less(moved)),
  };
}

/** What a method tunes, as the end of `tuning …`. */
const PARTS: Readonly<Record<string, string>> = {
  circuit: 'the circuit',
  full: 'all parameters',
  random: 'random edges',
  fixed: 'the first circuit',
};
const partOf = (method: string): string => PARTS[method] ?? method;

/** Sentences that a reader can quote: only what was measured, whatever it is. Empty until a method is done. */
export function outcomeInWords(story: RunStory, outcomes: readonly Outcome[]): string[] {
  const done = outcomes.filter(({ state, before, after }) => state === 'done' && before && after);
  if (done.length === 0) return [];
  const parts = (methods: readonly string[]): string => list(methods.map(partOf));
  const sentences = [
    `Starting from ${formatNumber(done[0]!.before!.value, 3)}, ${list(
      done.map(({ method, after, tunedMax }, i) => {
        const free =
          tunedMax === undefined ? '' : ` (${formatNumber(tunedMax)}${i === 0 ? ' parameters free at once' : ''})`;
        return `tuning ${partOf(method)} ${i === 0 ? `took ${story.metric} ` : ''}to ${formatNumber(after!.value, 3)}${free}`;
      }),
    )}.`,
  ];
  const remembering = done.filter(({ forgot }) => forgot !== undefined);
  const sets = keptSets(story).length;
  if (remembering.length > 0)
    sentences.push(
      `On what must be kept, perplexity ${sets === 1 ? '' : `(mean over ${sets} sets) `}${list(
        remembering.map(({ forgot, method }, i) => {
          const [last, words] = [remembering[i - 1], changeInWords(forgot!)];
          // a verb that was just said is not said again
          const verb = last && words.startsWith('rose by') && changeInWords(last.forgot!).startsWith('rose by');
          return `${verb ? words.replace('rose by ', '') : words} with ${partOf(method)}`;
        }),
      )}.`,
    );
  const { target, forgot } = leadersOf(story, outcomes);
  const isSame = target.length === 1 && forgot.length === 1 && target[0] === forgot[0];
  if (isSame) sentences.push(`Tuning ${parts(target)} moved the target furthest and forgot least.`);
  else {
    if (target.length > 0) sentences.push(`Tuning ${parts(target)} moved the target furthest.`);
    if (forgot.length > 0) sentences.push(`Tuning ${parts(forgot)} forgot least.`);
  }
  return sentences;
}

/** `rose by 12 %`, `fell by 3 %`, `stayed`, `rose to 25 times`. */
export function changeInWords(ratio: number): string {
  if (ratio >= 3) return `rose to ${formatNumber(ratio, 3)} times`;
  const percent = Math.abs(ratio - 1) * 100;
  if (percent < 0.05) return 'stayed as it was';
  const text = percent >= 10 ? percent.toFixed(0) : percent.toFixed(1).replace(/\.0$/, '');
  return `${ratio > 1 ? 'rose' : 'fell'} by ${text} %`;
}

const list = (items: readonly string[]): string =>
  items.length < 3 ? items.join(' and ') : `${items.slice(0, -1).join(', ')}, and ${items.at(-1)}`;
