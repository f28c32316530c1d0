/** What is raced, and what of it goes into the file that ships; times are made up. */
import { describe, expect, it } from 'vitest';
import type { Work } from '../src/kernels/work.js';
import { distinctCalls } from '../src/tune/calls.js';
import { choicesOf, timingsOf, wordsOf } from '../src/tune/choices.js';
import type { KeptCall } from '../src/tune/kept.js';

const work = (M: number, N: number, K: number): Work => ({
  op: 'matmulNN',
  pass: 'forward',
  case: { dims: { M, N, K } },
  models: ['gpt2'],
});

describe('what is raced', () => {
  it('is one call of those near each other, small before large', () => {
    const sizes = distinctCalls([work(256, 768, 7180), work(256, 768, 7176), work(256, 768, 768), work(8, 768, 768)]);
    expect(sizes.map((it) => it.case.dims)).toEqual([
      { M: 8, N: 768, K: 768 },
      { M: 256, N: 768, K: 768 },
      { M: 256, N: 768, K: 7180 },
    ]);
  });
});

/** Milliseconds by kernel, and of opening it where that is not one. */
function raced(
  op: string,
  dims: KeptCall['dims'],
  byRule: string,
  times: Record<string, readonly [ms: number, deviceMs: number, openMs?: number]>,
  pass: KeptCall['pass'] = 'forward',
): KeptCall {
  const laps = Object.fromEntries(
    Object.entries(times).map(([name, [ms, deviceMs, openMs = 1]]) => [name, { ms, deviceMs, openMs }]),
  );
  return { op, pass, dims, byRule, laps, operations: 1, dropped: [], hash: '' };
}

describe('the file that ships', () => {
  const dims = { M: 256, N: 768, K: 768 };
  const rule = 'matmulNN.unrolled';
  const fast = 'matmulNN.subgroup';
  const betterOf = (...calls: KeptCall[]): (string | undefined)[] => choicesOf(calls).map(({ better }) => better);

  it('has a kernel that is faster than the rules’ by both clocks and by more than noise', () => {
    expect(betterOf(raced('matmulNN', dims, rule, { [rule]: [9, 9], [fast]: [7, 7] }))).toEqual([fast]);
    expect(betterOf(raced('matmulNN', dims, rule, { [rule]: [9, 9], [fast]: [8.7, 8] }))).toEqual([undefined]);
    expect(betterOf(raced('matmulNN', dims, rule, { [rule]: [9, 5], [fast]: [7, 7] }))).toEqual([undefined]);
  });

  it('has none that takes longer to compile than a thousand calls win back, or is out of the question below its size', () => {
    expect(betterOf(raced('matmulNN', dims, rule, { [rule]: [9, 9], [fast]: [7, 7, 3000] }))).toEqual([undefined]);
    const small = raced('matmulNN', { M: 64, N: 64, K: 64 }, fast, { [fast]: [9, 9], [rule]: [1, 1] });
    expect(betterOf(small)).toEqual([undefined]);
  });

  it('weighs both passes together where one kernel must do both', () => {
    const sizes = { B: 8, T: 32, H: 12, K: 12, E: 64 };
    const [naive, other] = ['attention', 'attention.subgroup'];
    const forward = raced('attention', sizes, naive, { [naive]: [4, 4], [other]: [1, 1] });
    const slow = raced('attention', sizes, naive, { [naive]: [4, 4], [other]: [8, 8] }, 'backward');
    const good = raced('attention', sizes, naive, { [naive]: [4, 4], [other]: [5, 5] }, 'backward');
    expect(betterOf(forward, slow)).toEqual([undefined]);
    expect(betterOf(forward)).toEqual([]);
    const choices = choicesOf([forward, good]);
    expect(timingsOf('llvmpipe', ['llvmpipe'], choices).calls).toEqual([
      { op: 'attention', pass: 'forward', dims: sizes, ms: { [other]: 1 } },
      { op: 'attention', pass: 'backward', dims: sizes, ms: { [other]: 5 } },
    ]);
  });

  it('has the rules’ kernel near such a call, and no call where rules are right', () => {
    const better = raced('matmulNN', dims, rule, { [rule]: [9, 9], [fast]: [7, 7] });
    const near = raced('matmulNN', { ...dims, N: 1536 }, rule, { [rule]: [9, 9], [fast]: [11, 11] });
    const far = raced('matmulNN', { ...dims, N: 7180 }, rule, { [rule]: [9, 9], [fast]: [11, 11] });
    const found = timingsOf('llvmpipe', ['llvmpipe'], choicesOf([better, near, far]));
    expect(found.calls.map(({ dims: { N }, ms }) => [N, ms])).toEqual([
      [768, { [fast]: 7 }],
      [1536, { [rule]: 9 }],
    ]);
    expect(timingsOf('llvmpipe', ['llvmpipe'], choicesOf([near, far])).calls).toEqual([]);
  });

  it('speaks for every lavapipe of a compiler, and for any other adapter by its name', () => {
    expect(wordsOf('llvmpipe: Mesa 26.2.6-1 (LLVM 22.1.8)')).toEqual(['llvmpipe', 'LLVM 22']);
    expect(wordsOf('nvidia ada')).toEqual(['nvidia ada']);
  });
});
