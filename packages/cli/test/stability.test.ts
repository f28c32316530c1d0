/** stability, and what the rule `stable` does where a circuit is tuned. */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import type { GraphJson, StabilityRecord } from '@circuit-tuning/core';
import { workplace, type Workplace } from './tiny.js';
import { json, on, type } from './typed.js';

let place: Workplace;
beforeAll(async () => {
  place = await workplace();
});
afterAll(() => place.remove());
afterEach(() => vi.restoreAllMocks());

const few = ['--top-n', '30', '--resamples', '200'];
const stability = (name: string, ...flags: string[]) =>
  type('stability', ...on(place), ...few, ...flags, '--out', place.at(name));
const inGraph = (path: string): string[] =>
  Object.entries((JSON.parse(readFileSync(path, 'utf8')) as GraphJson).edges).flatMap(([edge, { in_graph: isIn }]) =>
    isIn ? [edge] : [],
  );

describe('stability', () => {
  it('says what another draw would leave, and which edges are stable: those that discover keeps with that rule', async () => {
    const flags = ['--folds', '3', '--vary', 'ablation=zero', '--vary', 'seed=4', '--json'];
    const ended = await stability('found', ...flags);
    const record = json(ended) as unknown as StabilityRecord;
    expect(record).toMatchObject({ examples: 12, resamples: 200, confidence: 0.95, seed: 0, select: 'top-n' });
    expect(record.circuit.edges).toBe(30);
    expect(record.kept.low).toBeLessThanOrEqual(record.kept.mean);
    expect(record.kept.high).toBeLessThanOrEqual(1);
    expect(record.variations.map(({ source, name, examples }) => [source, name, examples])).toEqual([
      ['fold', '1', 4],
      ['fold', '2', 4],
      ['fold', '3', 4],
      ['ablation', 'zero', 12],
      ['seed', '4', 12],
    ]);
    for (const { edge, low, high, score, in_circuit: isIn, in_core: isStable, inclusion } of record.edges) {
      if (low !== null) expect(low, edge).toBeLessThanOrEqual(score);
      if (high !== null) expect(high, edge).toBeGreaterThanOrEqual(score);
      expect(isIn || inclusion > 0).toBe(true);
      expect(!isStable || isIn).toBe(true);
    }
    const files = [
      'core.json',
      'graph.json',
      'scores.safetensors',
      'stability.csv',
      'stability.html',
      'stability.json',
    ];
    expect(readdirSync(place.at('found')).toSorted()).toEqual(files);
    const core = inGraph(place.at('found/core.json'));
    expect(core).toHaveLength(record.core.edges);
    expect(core.length).toBeGreaterThan(0);
    expect(core.length).toBeLessThan(30);
    await type('discover', ...on(place), ...few, '--select', 'stable', '--out', place.at('stable'));
    expect(inGraph(place.at('stable/graph.json'))).toEqual(core);
    const lines = readFileSync(place.at('found/stability.csv'), 'utf8').trim().split('\r\n');
    expect(lines[0]).toBe('edge,score,low,high,inclusion,in_circuit,in_core');
    expect(lines).toHaveLength(1 + record.of_edges);
    const page = readFileSync(join(place.at('found'), 'stability.html'), 'utf8');
    expect(page).toMatch(/Of the circuit’s 30 edges, another draw of 12 examples would find about [\d.]+ % again/);
    expect(page).not.toContain('<script');
  });

  it('compares templates by what rows say, or by their ids', async () => {
    const rows = readFileSync(place.task, 'utf8').trim().split('\n').map((row) => JSON.parse(row) as object); // prettier-ignore
    const named = (name: string, more: (i: number) => object) => {
      const path = place.at(name);
      writeFileSync(path, rows.map((row, i) => `${JSON.stringify({ ...row, ...more(i) })}\n`).join(''));
      return type('stability', '--model', place.model, '--task', path, ...few, '--by-template', '--json', '--out', `${path}.out`); // prettier-ignore
    };
    const names = async (ended: ReturnType<typeof named>) =>
      (json(await ended) as unknown as StabilityRecord).variations.map(({ name, examples }) => [name, examples]);
    expect(await names(named('said', (i) => ({ id: `x-${i}`, template: i < 5 ? 'one' : 'two' })))).toEqual([
      ['one', 5],
      ['two', 7],
    ]);
    expect(await names(named('by id', (i) => ({ id: `${i % 2 ? 'pp2' : 'simple'}-${i}` })))).toEqual([
      ['simple', 6],
      ['pp2', 6],
    ]);
    expect((await named('no', (i) => ({ id: i }))).err).toContain(
      'task line 1: a row must say its template, got the id "0". Add "template" to every row, or give ids like pp-1.',
    );
    expect((await named('one', (i) => ({ id: `a-${i}` }))).err).toContain(
      'templates: the examples must have at least two templates to be compared, got ["a"].',
    );
  });

  it('refuses what would say nothing', async () => {
    for (const [flags, message] of [
      [
        ['--select', 'stable'],
        '--select: must be the rule whose circuit is tested, got "stable", which a test of stability',
      ],
      [['--vary', 'steps=3'], '--ig-steps: takes effect only with the methods of EAP-IG'],
      [
        ['--vary', 'top_n=3'],
        '--vary: must be key=values with one of the keys ablation, method, steps, riemann, seed, got "top_n=3". As in --vary ablation=mean,zero.',
      ],
      [['--limit', '7'], 'bootstrap: needs at least 8 examples to draw from, got 7.'],
      [['--folds', '7'], 'folds: must be a whole number from 2 to half of the 12 examples, got 7. As in 5.'],
    ] as const)
      // prettier-ignore
      expect((await stability('never', ...flags)).err).toContain(message);
  });
});

describe('tuning', () => {
  it('can be told to move only what the stable core of each search owns', async () => {
    const tune = (name: string, ...flags: string[]) =>
      type('tune', ...on(place), '--steps', '2', '--top-n', '30', '--search-on', 'task', ...flags, '--out', place.at(name), '--json'); // prettier-ignore
    expect(await tune('core', '--select', 'stable', '--resamples', '200')).toMatchObject({ code: 0 });
    const [first] = readdirSync(place.at('core/circuits/circuit')).filter((name) => name.endsWith('.json')).toSorted(); // prettier-ignore
    const edges = inGraph(place.at(`core/circuits/circuit/${first!}`));
    expect(edges.length).toBeGreaterThan(0);
    expect(edges.length).toBeLessThan(30);
    expect((await tune('batch', '--select', 'stable', '--search-on', 'batch', '--batch-size', '4')).err).toContain(
      'bootstrap: needs at least 8 examples to draw from, got 4.',
    );
  });
});
