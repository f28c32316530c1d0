import { describe, expect, it } from 'vitest';
import type { MethodAnalysis, SearchAnalysis } from '@circuit-tuning/core';
import { dynamicsCurves } from '../../src/record/dynamics.js';
import { dynamicsOf } from '../../src/record/story.js';

const turn = (size: number, entered: number) => ({ size, entered, left: entered, previous: 0.5, first: 0.25 });
const scores = { entropy: 2, effective: 7, evenness: 0.4, gini: 0.9, top1: 0.3, top10: 0.8 };
const search = (step: number, entered: number, more: Partial<SearchAnalysis> = {}): SearchAnalysis => ({
  step,
  edges: turn(4, entered),
  nodes: turn(3, 1),
  ...more,
});
const method = (name: string, ...searches: SearchAnalysis[]): MethodAnalysis => ({
  method: name,
  searches,
  edges: [],
  nodes: [],
});

describe('curves of learning dynamics', () => {
  const story = dynamicsOf({
    methods: [
      method('circuit', search(0, 4, { scores }), search(8, 1), search(16, 2, { scores })),
      method('fixed', search(0, 4)),
    ],
  });

  it('are of methods that searched more than once', () => {
    expect(story.map(({ method: name }) => name)).toEqual(['circuit']);
    expect(dynamicsCurves(dynamicsOf({ methods: [method('fixed', search(0, 4))] }))).toEqual([]);
  });

  it('leave out the first search where all is new, and scores that are not there', () => {
    const points = Object.fromEntries(dynamicsCurves(story).map(({ id, lines }) => [id, lines[0]!.points]));
    expect(points.entered).toEqual([
      [8, 0.25],
      [16, 0.5],
    ]);
    expect(points['nodes:first']).toHaveLength(3);
    expect(points.entropy).toEqual([
      [0, 2],
      [16, 2],
    ]);
  });
});
