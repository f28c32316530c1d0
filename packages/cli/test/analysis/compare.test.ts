import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import type { GraphJson } from '@circuit-tuning/core';
import { syntheticRun } from '../report/syntheticRun.js';
import { type } from '../typed.js';

const folder = mkdtempSync(join(tmpdir(), 'compare-'));
const at = (name: string): string => join(folder, name);
beforeAll(() => {
  mkdirSync(at('run'));
  syntheticRun(at('run'), { methods: ['circuit'] });
  mkdirSync(at('other'));
  syntheticRun(at('other'), { methods: ['circuit'], layers: 3 });
});
afterAll(() => rmSync(folder, { recursive: true }));
afterEach(() => vi.restoreAllMocks());

const before = at('run/circuits/before.json');
const after = at('run/circuits/after-circuit.json');
const graphOf = (path: string): GraphJson => JSON.parse(readFileSync(path, 'utf8')) as GraphJson;
const insideOf = (path: string): string[] =>
  Object.entries(graphOf(path).edges).flatMap(([name, { in_graph: isInside }]) => (isInside ? [name] : []));

describe('compare', () => {
  it('says what two circuits share, and writes their union, intersection and differences', async () => {
    const { code, out } = await type('compare', before, after, '--out', at('compared'), '--json');
    expect(code).toBe(0);
    const found = JSON.parse(out) as Record<string, unknown> & { edges: { both: number; overlap: number } };
    const [a, b] = [insideOf(before), insideOf(after)];
    const both = a.filter((edge) => b.includes(edge));
    expect(found.edges).toMatchObject({ a: 60, b: 60, both: both.length, overlap: both.length / (120 - both.length) });
    expect(found.both).toEqual(both);
    const made = (name: string): string[] => insideOf(at(`compared/${name}.json`));
    expect(made('intersection')).toEqual(both);
    expect(new Set(made('union'))).toEqual(new Set([...a, ...b]));
    expect(made('only-a')).toEqual(a.filter((edge) => !b.includes(edge)));
    expect(made('only-b')).toEqual(b.filter((edge) => !a.includes(edge)));
    expect(readdirSync(at('compared')).filter((name) => name.endsWith('.csv'))).toHaveLength(8);
    // what was made can be compared again
    const again = JSON.parse((await type('compare', at('compared/only-a.json'), before, '--json')).out) as typeof found;
    expect(again.edges.both).toBe(60 - both.length);
  });

  it('takes moments of runs, the last unless told', async () => {
    const { out } = await type('compare', at('run'), after, '--moment-a', 'before');
    expect(out).toContain(`A: ${at('run')}, before\nB: ${after}`);
    expect(out).toMatch(/attention → logits/);
    expect((await type('compare', at('run'), after)).out).toContain(`A: ${at('run')}, after:circuit`);
  });

  it('takes a file that lists its edges in another order', async () => {
    const graph = graphOf(before);
    writeFileSync(
      at('turned.json'),
      JSON.stringify({ ...graph, edges: Object.fromEntries(Object.entries(graph.edges).toReversed()) }),
    );
    const { out } = await type('compare', before, at('turned.json'), '--json');
    expect(JSON.parse(out)).toMatchObject({ edges: { both: 60, overlap: 1 }, only_a: [], only_b: [] });
  });

  it.each([
    [
      [before, at('other/circuits/before.json')],
      `must be of the same graph as ${before}, with its 479 edges, got 262. Compare circuits of models of one shape`,
    ],
    [
      [before, at('run'), '--moment-b', 'circuit/3'],
      'must hold the circuit of --moment-b, got circuit/3. Take one of before, circuit/0, ',
    ],
    [
      [before, after, '--moment-a', 'before'],
      `--moment-a: takes effect only where a run is given, got the circuit file ${before}. Leave it out`,
    ],
    [[before, at('run/manifest.json')], 'must be a graph JSON with cfg and edges'],
    [[before, at('nothing.json')], 'must exist, got nothing of that name'],
    [[before, after, '--out', at('run')], 'must be a new or an empty folder'],
  ])('refuses %j', async (argv, message) => {
    const { code, out, err } = await type('compare', ...argv);
    expect([code === 0, out]).toEqual([false, '']);
    expect(err).toContain(message);
  });
});
