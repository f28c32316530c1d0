import { expect, test } from 'vitest';
import { shareDone, stagesOf } from '../../../src/page/run/progress.js';
import type { MethodStory, RunStory } from '../../../src/record/story.js';

const facts = { methods: ['circuit', 'full'], steps: 100 };
const method = (name: string, step: number, isDone = false): MethodStory => ({
  method: name,
  measured: [],
  searches: [],
  steps: step === 0 ? [] : [{ step, loss: 1 }],
  ...(isDone && { done: { moved: 1, tunedMax: 1, steps: 100, seconds: 1 } }),
});
const story = (...methods: MethodStory[]): RunStory => ({
  metric: 'logit_diff',
  methods,
  faithfulness: [],
  circuitTitles: {},
});
const shares = (...given: Parameters<typeof stagesOf>): number[] => stagesOf(...given).map(({ done }) => done);

test('before tuning the first stage fills part by part', () => {
  expect(shares(facts, undefined, { phase: 'running', what: 'finding the circuit', done: 1, of: 2 })).toEqual([
    0.5 / 3,
    0,
    0,
  ]);
  expect(
    shares(facts, undefined, { phase: 'running', what: 'measuring the base model', done: 0, of: 4 })[0],
  ).toBeCloseTo(1 / 3);
});

test('a method is as far as its steps, and what comes before tuning is over then', () => {
  const now = stagesOf(facts, story(method('circuit', 40)), { phase: 'running', what: 'tuning: circuit' });
  expect(now.map(({ done }) => done)).toEqual([1, 0.38, 0]);
  expect(now.findIndex(({ isNow }) => isNow)).toBe(1);
});

test('a method is not over before its circuit was found and tested again', () => {
  const now = stagesOf(facts, story(method('circuit', 100)), { phase: 'running', what: 'testing circuits' });
  expect(now.findIndex(({ isNow }) => isNow)).toBe(1);
});

test('the second method is next when the first has come to its end', () => {
  const now = stagesOf(facts, story(method('circuit', 100, true), method('full', 0)), { phase: 'running' });
  expect(now.findIndex(({ isNow }) => isNow)).toBe(2);
  expect(shareDone(now)).toBeCloseTo(2 / 3);
});

test('a run that is done is whole, and nothing is next', () => {
  const now = stagesOf(facts, story(method('circuit', 100, true)), { phase: 'done' });
  expect(shareDone(now)).toBe(1);
  expect(now.some(({ isNow }) => isNow)).toBe(false);
});

test('an experiment that tunes nothing has one stage', () => {
  expect(shares({ methods: [], steps: 0 }, undefined, { phase: 'done' })).toEqual([1]);
});
