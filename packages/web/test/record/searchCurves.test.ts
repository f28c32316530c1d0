import { describe, expect, it } from 'vitest';
import type { MethodAnalysis } from '@circuit-tuning/core';
import { curvesOf } from '../../src/record/curves.js';
import { mibCharts, mibTable } from '../../src/record/mibCurves.js';
import { withAnalysis, type MethodStory, type RunStory, type SearchStory } from '../../src/record/story.js';

const search = (step: number, more: Partial<SearchStory> = {}): SearchStory => ({
  step,
  edges: 4,
  first: 0.5,
  ...more,
});
const keep = (a: number, b: number) => ({ a: { perplexity: a }, b: { perplexity: b } });
const method = (name: string, searches: SearchStory[]): MethodStory => ({
  method: name,
  measured: [
    { step: 0, value: 2, accuracy: 1, keep: keep(4, 10) },
    { step: 16, value: -2, accuracy: 0.25, keep: keep(8, 20) },
  ],
  searches,
  steps: [],
});
const story = (...methods: MethodStory[]): RunStory => ({
  metric: 'logit_diff',
  methods,
  faithfulness: [],
  circuitTitles: {},
});
const pointsOf = (run: RunStory) =>
  Object.fromEntries(curvesOf(run).map(({ id, lines }) => [id, lines.map(({ points }) => points)]));

describe('curves of searches', () => {
  const searches = [
    search(0, { first: 1, entered: 4, entropy: 2, nodesFirst: 1 }),
    search(8, { entered: 1, entropy: 3, nodesFirst: 0.5 }),
    search(16, { entered: 2, nodesFirst: 0.75 }),
  ];

  it('are of methods that searched more than once, and leave out the first, where all is new', () => {
    const points = pointsOf(story(method('circuit', searches), method('fixed', [search(0)])));
    expect(points.entered).toEqual([
      [
        [8, 0.25],
        [16, 0.5],
      ],
    ]);
    expect(points['nodes:first']![0]).toHaveLength(3);
    expect(points.entropy).toEqual([
      [
        [0, 2],
        [8, 3],
      ],
    ]);
    expect(points.top1).toBeUndefined();
  });

  it('put what is kept on the axis of what stays: base over now, the worst and the best set', () => {
    const [curve] = curvesOf(story(method('circuit', searches))).filter(({ id }) => id === 'kept:circuit');
    expect(curve!.lines.map(({ name }) => name)).toEqual(['kept', 'target accuracy', 'overlap with the first circuit']);
    const [kept, accuracy, overlap] = curve!.lines;
    expect(kept!.points.map(([, y]) => y)).toEqual([1, expect.closeTo(0.5, 12)]);
    expect(kept!.band![1]).toEqual([16, 0.5, 0.5]);
    expect(accuracy!.points).toEqual([
      [0, 1],
      [16, 0.25],
    ]);
    expect(overlap!.points[1]).toEqual([8, 0.5]);
    expect(curvesOf(story(method('fixed', [search(0)]))).some(({ id }) => id.startsWith('kept'))).toBe(false);
  });

  it('take from an analysis what events of earlier runs lack', () => {
    const turn = (first: number) => ({ size: 4, entered: 3, left: 3, previous: 0.2, first });
    const scores = { entropy: 9, effective: 7, evenness: 0.4, gini: 0.9, top1: 0.3, top10: 0.8 };
    const analysed: MethodAnalysis = {
      method: 'circuit',
      searches: [0, 8].map((step) => ({ step, edges: turn(0.1), nodes: turn(0.9), scores })),
      edges: [],
      nodes: [],
    };
    const [filled] = withAnalysis([method('circuit', [search(0), search(8, { entropy: 1 })])], { methods: [analysed] });
    expect(filled!.searches[0]).toMatchObject({ first: 0.5, nodesFirst: 0.9, entered: 3, entropy: 9, top1: 0.3 });
    expect(filled!.searches[1]).toMatchObject({ entropy: 1 });
  });
});

describe('faithfulness over fractions', () => {
  const points = [0.01, 1].map((fraction) => ({
    fraction,
    edges: 100 * fraction,
    faithfulness: fraction,
    random_edges: [0, 0.2],
    random_parameters: [],
  }));
  const run: RunStory = {
    ...story(method('circuit', [])),
    faithfulness: [
      { when: 'before', rows: [], curve: { cpr: 0.75, cmd: 0.25, signed: { points }, absolute: { points } } },
    ],
  };

  it('is two charts with their areas, and a table', () => {
    const charts = mibCharts(run);
    expect(charts.map(({ title }) => title)).toEqual([
      'Edges taken by score: CPR 0.750, more is better',
      'Edges taken by |score|: CMD 0.250, less is better',
    ]);
    expect(charts[0]!.lines.map(({ name, points: of, band }) => [name, of.length, band?.[0]])).toEqual([
      ['strongest edges', 2, undefined],
      ['random, as many edges', 2, [1, 0, 0.2]],
    ]);
    expect(mibTable(run).rows[0]).toEqual([1, 1, 0.01, 0.1, undefined, 1, 0.01, 0.1, undefined]);
  });

  it('is nothing where it was not measured', () => {
    expect([mibCharts(story()), mibTable(story()).rows]).toEqual([[], []]);
  });
});
