import { describe, expect, it } from 'vitest';
import { readCircuit } from '../../src/record/openRun.js';
import type { Moment } from '../../src/record/record.js';
import { around, edgesNamed, rankOf, strongestFirst } from '../../src/record/edges.js';
import { historyInWords } from '../../src/record/historyInWords.js';
import {
  edgeSightings,
  methodShown,
  momentNear,
  momentsOf,
  nodeSightings,
  type Sighting,
} from '../../src/record/turnover.js';
import { graph } from '../draw/graphs.js';

const circuit = (inside: Readonly<Record<string, number>>) => {
  const all = ['input->a0.h0<q>', 'input->m0', 'a0.h0->a1.h1<v>', 'a0.h0->m0', 'a0.h1->logits', 'm0->logits'];
  const edges = Object.fromEntries(all.map((name) => [name, [inside[name] ?? 0.01, name in inside] as const]));
  return readCircuit(JSON.stringify(graph(edges)), 'test');
};
const run = circuit({}).graph;

const found = (
  when: Moment['when'],
  method: string | undefined,
  step: number,
  edges: Record<string, number>,
): Moment => ({
  key: `${when} ${method} ${step}`,
  when,
  ...(method && { method }),
  step,
  path: 'circuit.json',
  ...circuit(edges).found,
});

const moments = [
  found('before', undefined, 0, { 'input->m0': 2 }),
  found('search', 'circuit', 0, { 'input->m0': 2, 'm0->logits': -3 }),
  found('search', 'circuit', 10, { 'input->m0': 1 }),
  found('search', 'circuit', 20, { 'a0.h0->m0': 1, 'm0->logits': -4 }),
  found('after', 'circuit', 25, { 'm0->logits': -5 }),
  found('after', 'full', 25, { 'input->m0': 1 }),
];

describe('the moments of a method', () => {
  it('are the circuit before tuning, its searches and the one after it', () => {
    expect(momentsOf(moments, 'circuit')).toEqual([0, 1, 2, 3, 4]);
    expect(momentsOf(moments, 'full')).toEqual([0, 5]);
  });

  it('are before tuning those of the first method that searches', () => {
    expect(methodShown(moments, 0)).toBe('circuit');
    expect(methodShown(moments, 5)).toBe('full');
    expect(methodShown(moments.slice(0, 1), 0)).toBeUndefined();
  });

  it('are gone to by the nearest step, the earlier of two as near', () => {
    expect(momentNear(moments, 2, 14)).toBe(2);
    expect(momentNear(moments, 2, 15)).toBe(2);
    expect(momentNear(moments, 2, 16)).toBe(3);
    expect(momentNear(moments, 0, 0)).toBe(1);
    expect(momentNear(moments, 5, 20)).toBe(3);
    expect(momentNear([], -1, 20)).toBe(-1);
  });
});

describe('the history of an edge', () => {
  it('has its score at every search, in the circuit or not', () => {
    const [edge] = edgesNamed(run, 'm0', 'logits');
    const sightings = edgeSightings(moments, [1, 2, 3, 4], [edge!]);
    expect(sightings.map(({ score }) => Number(score.toFixed(3)))).toEqual([-3, 0.01, -4, -5]);
    expect(sightings.map(({ isInside }) => isInside)).toEqual([true, false, true, true]);
    expect(historyInWords(sightings)).toBe('In the circuit at 3 of 4 searches: at step 0, and from step 20 on.');
  });

  it('sums what a picture by layers folds into one, with the sign of the sum', () => {
    const edges = edgesNamed(run, 'a0', 'm0');
    expect(edges).toEqual(edgesNamed(run, 'a0.h0', 'm0'));
    const both = [...edgesNamed(run, 'input', 'm0'), ...edgesNamed(run, 'm0', 'logits')];
    expect(edgeSightings(moments, [1], both)[0]).toMatchObject({ score: -5, isInside: true });
  });

  it('is none for names that the model does not have', () => {
    expect(edgesNamed(run, 'a7.h0', 'm0')).toEqual([]);
  });
});

describe('the history of a node', () => {
  it('sums the sizes of its edges in the circuit', () => {
    const sightings = nodeSightings(run, moments, [1, 2, 3, 4], 'm0');
    expect(sightings.map(({ score }) => score)).toEqual([5, 1, 5, 5]);
    expect(historyInWords(sightings)).toBe('In the circuit at all 4 searches.');
  });

  it('says from when to when', () => {
    expect(historyInWords(nodeSightings(run, moments, [1, 2, 3, 4], 'a0.h0'))).toBe(
      'In the circuit at 1 of 4 searches: at step 20.',
    );
    expect(historyInWords(nodeSightings(run, moments, [1, 2, 3, 4], 'a0.h1'))).toBe(
      'Not in the circuit at any of 4 searches.',
    );
  });

  it.each([
    ['+', 'In the circuit at the one search so far.'],
    ['-', 'Not in the circuit at the one search so far.'],
    ['++', 'In the circuit at both searches.'],
    ['++-', 'In the circuit at 2 of 3 searches: until step 10.'],
    ['-++-', 'In the circuit at 2 of 4 searches: from step 10 to step 20.'],
    ['+-+-+-+-+', 'In the circuit at 5 of 9 searches: at step 0, at step 20, at step 40, and 2 more times.'],
    ['', 'No search yet.'],
  ])('of %s reads %s', (marks, words) => {
    const sightings = [...marks].map((mark, i): Sighting => ({
      moment: i,
      step: 10 * i,
      when: `step ${10 * i}`,
      score: 1,
      isInside: mark === '+',
    }));
    expect(historyInWords(sightings)).toBe(words);
  });
});

describe('what stands around a node', () => {
  it('is its edges in the circuit and outside it, the strongest first', () => {
    const { into, out } = around(run, moments[3]!, 'm0');
    const name = (i: number) => `${run.nodes.sources[run.from[i]!]}->${run.nodes.reads[run.to[i]!]}`;
    expect(into.inside.map(name)).toEqual(['a0.h0->m0']);
    expect(into.outside.map(name)).toEqual(['input->m0']);
    expect(out.inside.map(name)).toEqual(['m0->logits']);
    expect(out.outside).toEqual([]);
  });

  it('ranks by size, whatever the sign', () => {
    expect(rankOf(moments[1]!, edgesNamed(run, 'm0', 'logits')[0]!)).toBe(1);
    expect(rankOf(moments[1]!, edgesNamed(run, 'input', 'm0')[0]!)).toBe(2);
    expect(strongestFirst(moments[1]!, moments[1]!.inside)[0]).toBe(edgesNamed(run, 'm0', 'logits')[0]);
  });
});
