/** From what was raced to the file that ships: choices where another kernel than the rules' is worth it, and their neighbours. */
import { doublings, FAR, TIMING_NOISE, type AdapterTimings, type MeasuredCall, type Size } from '@circuit-tuning/core';
import { kernels as all } from '@circuit-tuning/kernels-wgsl';
import type { KeptCall } from './kept.js';
import type { Lap } from './race.js';

/** A hundred steps of a dozen layers: what a kernel must have won back of its compiler's time by then. */
const RUNS = 1000;

/** What is chosen at once: a call, or both passes of one where the second reads what the first saved. */
export interface Choice {
  readonly op: string;
  readonly dims: Size;
  readonly calls: readonly KeptCall[];
  readonly byRule: string;
  /** Of all its calls together. */
  readonly laps: Readonly<Record<string, Lap>>;
  /** Another kernel than the rules' that is worth it. */
  readonly better: string | undefined;
}

export function choicesOf(calls: readonly KeptCall[]): Choice[] {
  /** The most it took to open: later ones find the compiler's work in a cache. */
  const openMs = (kernel: string, pass: string): number =>
    Math.max(...calls.map((call) => (call.pass === pass ? (call.laps[kernel]?.openMs ?? 0) : 0)));
  const firsts = calls.filter(({ op, pass }) => pass === 'forward' || !saves(op));
  return firsts.flatMap((first): Choice[] => {
    const { op, dims, byRule } = first;
    const second = calls.filter((it) => it !== first && it.op === op && doublings(it.dims, dims) === 0);
    if (byRule === undefined || (saves(op) && second.length !== 1)) return [];
    const both = saves(op) ? [first, ...second] : [first];
    const names = Object.keys(first.laps).filter((name) => both.every(({ laps }) => laps[name]));
    const laps = Object.fromEntries(
      names.map((name): [string, Lap] => [
        name,
        {
          ms: sum(both.map((call) => call.laps[name]!.ms)),
          deviceMs: sum(both.map((call) => call.laps[name]!.deviceMs)),
          openMs: sum(both.map(({ pass }) => openMs(name, pass))),
        },
      ]),
    );
    return [{ op, dims, calls: both, byRule, laps, better: betterThan(byRule, laps, dims) }];
  });
}

const saves = (name: string): boolean => Object.keys(all.find(({ op }) => op.name === name)!.op.saved).length > 0;
const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

/** The fastest kernel that is worth it: by both clocks, with what compiling takes, and above its own least operations. */
function betterThan(byRule: string, laps: Choice['laps'], dims: Size): string | undefined {
  const rule = laps[byRule];
  if (!rule) return undefined;
  const isWorthIt = ([name, { ms, deviceMs, openMs }]: [string, Lap]): boolean => {
    const { flops, leastFlops = 0 } = all.find((kernel) => kernel.name === name)!;
    const isLarge = leastFlops === 0 || (flops?.(dims) ?? 0) >= leastFlops;
    return isLarge && ms < TIMING_NOISE * rule.ms && deviceMs < rule.deviceMs && RUNS * (rule.ms - ms) > openMs;
  };
  const [best] = Object.entries(laps)
    .filter(isWorthIt)
    .toSorted(([, a], [, b]) => a.ms - b.ms);
  return best?.[0];
}

/**
 * Of each choice that is better than the rules' the one kernel; of those near one of them, where rules are right, the rules':
 * else the nearest would speak for them too. Where nothing is better the file has no calls.
 */
export function timingsOf(adapter: string, words: readonly string[], choices: readonly Choice[]): AdapterTimings {
  const better = choices.filter((choice) => choice.better !== undefined);
  const isNear = ({ op, dims }: Choice): boolean =>
    better.some((it) => it.op === op && doublings(it.dims, dims) <= 2 * FAR);
  const calls = choices.filter(isNear).flatMap(({ better: best, byRule, calls: both }): MeasuredCall[] => {
    const kernel = best ?? byRule;
    return both.map(({ op, pass, dims, laps }) => ({ op, pass, dims, ms: { [kernel]: laps[kernel]!.ms } }));
  });
  return { adapter, words, calls };
}

/** Of a lavapipe its compiler, which decides what is fast there; of any other adapter its whole name. */
export function wordsOf(adapter: string): string[] {
  const compiler = /LLVM \d+/.exec(adapter)?.[0];
  return compiler && adapter.includes('llvmpipe') ? ['llvmpipe', compiler] : [adapter];
}
