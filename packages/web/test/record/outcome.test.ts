import { describe, expect, it } from 'vitest';
import { curvesOf, faithfulnessLines } from '../../src/record/curves.js';
import { changeInWords, leadersOf, outcomeInWords, outcomesOf, wayOf } from '../../src/record/outcome.js';
import type { Measurement, MethodStory, RunStory } from '../../src/record/story.js';

const measured = (step: number, value: number, perplexity?: number): Measurement => ({
  step,
  value,
  keep: perplexity === undefined ? {} : { prose: { perplexity } },
});

const method = (
  name: string,
  values: readonly [value: number, perplexity?: number][],
  more: Partial<MethodStory> = {},
) => ({
  method: name,
  measured: values.map(([value, perplexity], i) => measured(10 * i, value, perplexity)),
  searches: [],
  steps: [],
  ...more,
});

const done = (moved: number, tunedMax = moved) => ({ done: { moved, tunedMax, steps: 10, seconds: 1 } });

const story = (methods: readonly MethodStory[]): RunStory => ({
  metric: 'logit_diff',
  methods,
  faithfulness: [],
  circuitTitles: {},
});

const run = story([
  method(
    'circuit',
    [
      [6, 4],
      [-4, 5],
    ],
    done(100),
  ),
  method(
    'full',
    [
      [6, 4],
      [-4.5, 8],
    ],
    done(300),
  ),
  method('random', [
    [6, 4],
    [-1, 4],
  ]),
]);

describe('what methods came to', () => {
  it('is change and forgetting against the base model', () => {
    const [circuit, full] = outcomesOf(run);
    expect(circuit).toMatchObject({ state: 'done', change: -10, moved: 100 });
    expect(circuit!.forgot).toBeCloseTo(1.25);
    expect(full!.forgot).toBeCloseTo(2);
  });

  it('is a geometric mean over kept sets, and nothing where one of them was not measured', () => {
    const keep = (a: number, b?: number) => ({ a: { perplexity: a }, b: b === undefined ? {} : { perplexity: b } });
    const two = { ...method('full', []), measured: [{ step: 0, value: 0, keep: keep(1, 1) }] };
    const after = (a: number, b?: number) => ({ step: 1, value: 0, keep: keep(a, b) });
    const of = (last: ReturnType<typeof after>) =>
      outcomesOf(story([{ ...two, measured: [...two.measured, last] }]))[0]!;
    expect(of(after(2, 8)).forgot).toBeCloseTo(4);
    expect(of(after(2)).forgot).toBeUndefined();
  });

  it('is told by the methods that are done only', () => {
    const outcomes = outcomesOf(run);
    expect(outcomes.map(({ state }) => state)).toEqual(['done', 'done', 'running']);
    expect(outcomesOf(story([method('circuit', [[6, 4]])]))[0]!.state).toBe('waiting');
    expect(leadersOf(run, outcomes)).toMatchObject({
      target: ['full'],
      forgot: ['circuit'],
      forgotOf: { prose: ['circuit'] },
      moved: ['circuit'],
    });
  });

  it('takes the way of the target from where training took it', () => {
    expect(wayOf(outcomesOf(run))).toBe(-1);
    const up = story([method('circuit', [[-1], [2]], done(1)), method('full', [[-1], [1]], done(1))]);
    expect(wayOf(outcomesOf(up))).toBe(1);
    expect(leadersOf(up, outcomesOf(up)).target).toEqual(['circuit']);
  });

  it('names nobody where all are equal or only one is done', () => {
    const same = story([method('circuit', [[1], [2]], done(5)), method('full', [[1], [2]], done(5))]);
    expect(leadersOf(same, outcomesOf(same))).toMatchObject({ target: [], moved: [] });
    const one = story([method('circuit', [[1], [2]], done(5)), method('full', [[1]])]);
    expect(leadersOf(one, outcomesOf(one))).toMatchObject({ target: [], moved: [] });
  });
});

describe('what methods came to, in words', () => {
  it('says what was measured, who went furthest and who forgot least', () => {
    expect(outcomeInWords(run, outcomesOf(run)).join(' ')).toBe(
      'Starting from 6, tuning the circuit took logit_diff to −4 (100 parameters free at once) and tuning all parameters to −4.50 (300). ' +
        'On what must be kept, perplexity rose by 25 % with the circuit and 100 % with all parameters. ' +
        'Tuning all parameters moved the target furthest. Tuning the circuit forgot least.',
    );
  });

  it('says in one sentence that one method did both', () => {
    const both = story([
      method(
        'circuit',
        [
          [6, 4],
          [-4, 4],
        ],
        done(1),
      ),
      method(
        'full',
        [
          [6, 4],
          [-3, 5],
        ],
        done(2),
      ),
    ]);
    expect(outcomeInWords(both, outcomesOf(both)).at(-1)).toBe(
      'Tuning the circuit moved the target furthest and forgot least.',
    );
  });

  it('says nothing before a method is done, and no more than is known', () => {
    const open = story([
      method('circuit', [
        [6, 4],
        [-4, 4],
      ]),
    ]);
    expect(outcomeInWords(open, outcomesOf(open))).toEqual([]);
    const alone = story([method('circuit', [[6], [-4]], done(1))]);
    expect(outcomeInWords(alone, outcomesOf(alone))).toEqual([
      'Starting from 6, tuning the circuit took logit_diff to −4 (1 parameters free at once).',
    ]);
  });

  it.each([
    [1, 'stayed as it was'],
    [1.034, 'rose by 3.4 %'],
    [0.5, 'fell by 50 %'],
    [25, 'rose to 25 times'],
  ])('calls a ratio of %f: %s', (ratio, words) => expect(changeInWords(ratio)).toBe(words));
});

describe('curves of a run', () => {
  const search = (step: number, first: number) => ({ step, first, previous: first });
  const steps = [1, 2, 3].map((step) => ({ step, loss: 4 - step, tuned: 10 }));
  const told = story([
    method(
      'circuit',
      [
        [6, 4],
        [-4, 5],
      ],
      { steps, searches: [search(0, 1), search(2, 0.5)] },
    ),
    method(
      'full',
      [
        [6, 4],
        [-4, 500],
      ],
      { steps, searches: [] },
    ),
  ]);

  it('are those that have something to show, each with a line of every method', () => {
    const curves = curvesOf(told);
    expect(curves.map(({ id }) => id)).toEqual([
      'value',
      'loss',
      'keep:prose',
      'tuned',
      'first',
      'previous',
      'kept:circuit',
    ]);
    expect(curves[0]!.lines.map(({ name }) => name)).toEqual(['circuit', 'full']);
    expect(curves[4]!.lines).toMatchObject([
      {
        name: 'circuit',
        points: [
          [0, 1],
          [2, 0.5],
        ],
      },
    ]);
  });

  it('leave out methods that are not to be shown', () => {
    const curves = curvesOf(told, (name) => name === 'full');
    expect(curves.every(({ lines }) => lines.every(({ name }) => name === 'full'))).toBe(true);
    expect(curves.map(({ id }) => id)).not.toContain('first');
  });

  it('leave out methods that have not begun', () => {
    const waiting = story([...told.methods, method('random', [[6, 4]])]);
    expect(curvesOf(waiting)[0]!.lines.map(({ name }) => name)).toEqual(['circuit', 'full']);
  });

  it('take a logarithmic axis where forgetting spans decades', () => {
    expect(curvesOf(told).find(({ id }) => id === 'keep:prose')!.isYLog).toBe(true);
    expect(curvesOf(told, (name) => name === 'circuit').find(({ id }) => id === 'keep:prose')!.isYLog).toBe(false);
  });

  it('put random circuits beside faithfulness as a band', () => {
    const row = (edges: number, faithfulness: number, random: number[]) => ({
      edges,
      clean: 1,
      circuit: faithfulness,
      ablated: 0,
      faithfulness,
      random,
    });
    const { lines, yRange } = faithfulnessLines({
      ...told,
      faithfulness: [{ when: 'before', rows: [row(20, 0.5, [0, 0.1]), row(10, 0.25, [-0.1, 0])] }],
    });
    expect(lines).toMatchObject([
      {
        name: 'before tuning',
        points: [
          [10, 0.25],
          [20, 0.5],
        ],
      },
      {
        look: 'random',
        band: [
          [10, -0.1, 0],
          [20, 0, 0.1],
        ],
      },
    ]);
    expect(yRange[0]).toBeLessThan(-0.1);
    expect(yRange[1]).toBeGreaterThan(1);
  });
});
