/** What commands find each for itself, an experiment asks for in one file, and its run folder holds the same. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { NodesRecord, PositionsRecord, RunEvent, StabilityRecord } from '@circuit-tuning/core';
import { workplace, type Workplace } from './tiny.js';
import { type } from './typed.js';

let place: Workplace;
const text = (path: string): string => readFileSync(place.at(path), 'utf8');
const json = <Kind>(path: string): Kind => JSON.parse(text(path)) as Kind;
const events = (): RunEvent[] =>
  text('run/events.jsonl').trimEnd().split('\n').map((line) => JSON.parse(line) as RunEvent); // prettier-ignore

const discovery = { top_n: 30, batch_size: 4, nodes: true, by_position: 'kind', per_example: true };
const experiment = (more: object = {}) => ({
  model: place.model,
  data: { task: place.task },
  discovery,
  evaluation: { controls: 1, curve: true, completeness: true, minimality: 0.01, exact: true, sample: 9 },
  stability: { resamples: 200, folds: 2, vary: { ablation: ['zero'], seed: [3] } },
  ...more,
});
const written = (name: string, content: object): string => {
  writeFileSync(place.at(name), JSON.stringify(content));
  return place.at(name);
};

beforeAll(async () => {
  place = await workplace();
  const on = ['--model', place.model, '--task', place.task, '--top-n', '30', '--batch-size', '4'];
  const out = (name: string): string[] => ['--out', place.at(name)];
  const run = written('all.yaml', experiment());
  for (const argv of [
    ['run', run, ...out('run')],
    ['discover', ...on, '--nodes', '--by-position', 'kind', '--per-example', ...out('found')],
    ['stability', ...on, '--resamples', '200', '--folds', '2', '--vary', 'ablation=zero', '--vary', 'seed=3', ...out('stable')], // prettier-ignore
  ])
    expect(await type(...argv)).toMatchObject({ code: 0 });
}, 120_000);
afterAll(() => place.remove());

describe('the run folder of an experiment that asks for everything', () => {
  it('tells of each in events, the faithfulness last: a run that is taken up again begins after it', () => {
    const told = events();
    expect(told.map(({ kind }) => kind)).toEqual(['circuit', 'scores', 'metric', 'stability', 'faithfulness']);
    expect(told[1]).toMatchObject({
      when: 'before',
      nodes: 'scores/before/nodes.json',
      positions: 'scores/before/positions.json',
      examples: 'scores/before/examples.safetensors',
    });
  });

  it('holds the scores of nodes, positions and examples that discover writes', () => {
    for (const name of ['nodes.json', 'positions.json', 'positions.safetensors', 'examples.safetensors'])
      expect(readFileSync(place.at(`run/scores/before/${name}`)).equals(readFileSync(place.at(`found/${name}`))), name).toBe(true); // prettier-ignore
    const { nodes } = json<NodesRecord>('run/scores/before/nodes.json');
    expect(nodes.map(({ score }) => Math.abs(score))).toEqual(nodes.map(({ score }) => Math.abs(score)).toSorted((a, b) => b - a)); // prettier-ignore
    const { labels, edges } = json<PositionsRecord>('run/scores/before/positions.json');
    expect(edges).toHaveLength(30);
    for (const { score, parts } of edges) {
      expect(parts).toHaveLength(labels.length);
      expect(parts.reduce((sum, part) => sum + part, 0)).toBeCloseTo(score, 5);
    }
  });

  it('holds what the command stability finds, and its event says the part that fits a line', () => {
    const record = json<StabilityRecord>('run/stability/stability.json');
    expect(record).toEqual(json('stable/stability.json'));
    expect(json('run/stability/core.json')).toEqual(json('stable/core.json'));
    const { kept, jaccard, circuit, core } = record;
    const event = events().find(({ kind }) => kind === 'stability');
    expect(event).toMatchObject({ kept, jaccard, edges: circuit.edges, core_edges: core.edges });
    expect(record.variations.map(({ source, name }) => `${source} ${name}`)).toEqual([
      'fold 1',
      'fold 2',
      'ablation zero',
      'seed 3',
    ]);
  });

  it('holds the tests that evaluate puts a circuit to, and its results for MIB', async () => {
    const { code, out } = await type(
      'evaluate', '--model', place.model, '--task', place.task, '--circuit', place.at('run/circuits/before.json'),
      '--controls', '1', '--curve', '--completeness', '--minimality', '0.01', '--exact', '--sample', '9',
      '--results', place.at('mib'), '--json',
    ); // prettier-ignore
    expect(code).toBe(0);
    const { completeness, minimality, exact } = JSON.parse(out) as Record<'completeness' | 'minimality' | 'exact', object>; // prettier-ignore
    expect(json('run/tests.json')).toEqual({ completeness, minimality, exact });
    for (const name of ['abs-True.json', 'abs-False.json'])
      expect(json(`run/mib/${name}`)).toEqual(json(`mib/${name}`));
    const event = events().at(-1)!;
    expect(event).toMatchObject({ completeness, tests: 'tests.json', minimality: { tested: 9, tolerance: 0.01 } });
    expect(JSON.stringify(event)).not.toContain('"changes"');
  });

  it('is told by the report', () => {
    const page = text('run/report.html');
    for (const part of [
      'What else the circuit was put to',
      'Which nodes matter, and where in the text',
      'Parts that positions have in the strongest edges, by kind',
      'How much of the circuit another draw of the data would leave',
      'scores of each example, [examples, sources, reads]',
    ])
      expect(page).toContain(part);
  });
});

it('after tuning, scores of the other kinds are there for each method too', async () => {
  const path = written('tuned.yaml', {
    ...experiment({ stability: undefined, evaluation: { faithfulness: [] } }),
    tuning: { methods: ['full'], steps: 1, batch_size: 4 },
  });
  expect(await type('run', path, '--out', place.at('tuned'))).toMatchObject({ code: 0 });
  expect(existsSync(place.at('tuned/scores/after-full/nodes.json'))).toBe(true);
  expect(text('tuned/scores/after-full/nodes.json')).not.toBe(text('tuned/scores/before/nodes.json'));
});

it('what would come to nothing, or is not there, is refused before a device is opened', async () => {
  const refusals: readonly (readonly [object, string])[] = [
    [
      { evaluation: { sample: 3 } },
      'evaluation.sample: takes effect only with minimality or exact, got 3. Leave it out.',
    ],
    [
      { discovery: { ...discovery, graph: 'circuit-tuning' } },
      'nodes: are scored in the eap-ig graph: without an edge to the logits part of what a node does is missing',
    ],
    [
      { discovery: { ...discovery, positions: 'answer' } },
      'by-position: needs the sum over all positions, got positions answer, combine sum.',
    ],
    [
      { stability: { vary: { riemann: ['left'] } } },
      'discovery.riemann: takes effect only with the methods of EAP-IG, got "left".',
    ],
    [
      { stability: {}, discovery: { select: 'stable' }, evaluation: {} },
      'discovery.select: must be the rule whose circuit is tested, got "stable", which a test of stability finds by itself.',
    ],
    [{ stability: { folds: 9 } }, 'folds: must be a whole number from 2 to half of the 12 examples, got 9.'],
  ];
  for (const [i, [more, message]] of refusals.entries()) {
    const { err } = await type('run', written(`refused-${i}.yaml`, experiment(more)), '--out', place.at('never'));
    expect(err).toContain(message);
  }
  expect(existsSync(place.at('never'))).toBe(false);
});
