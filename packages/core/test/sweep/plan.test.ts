/** Sweep sections: which cells they mean, and what is wrong with those that mean none. */
import { describe, expect, it } from 'vitest';
import { readSweep, type SweepPlan } from '@circuit-tuning/core';

const base = `
name: trial
model: embedded
data: { task: task.jsonl }
tuning: { steps: 10, every: 5 }
`;
const plan = (sweep: string, file = base): SweepPlan =>
  readSweep(`${file}sweep:\n${sweep.replaceAll(/^/gm, '  ')}`, { name: 'file', resolve: (path) => `/at/${path}` })!;
const refusal = (sweep: string, file = base): string => {
  try {
    plan(sweep, file);
  } catch (error) {
    return (error as Error).message;
  }
  return 'nothing';
};

describe('a sweep', () => {
  it('is every combination of its values, the last axis moving fastest, each with every seed', () => {
    const { groups, axes } = plan(`
cells:
  tuning.methods: [circuit, fixed]
  discovery.top_n: [4, 8]
seeds: [1, 2]`);
    expect(axes).toEqual(['methods', 'top_n']);
    expect(groups.map(({ id }) => id)).toEqual([
      'methods=circuit,top_n=4',
      'methods=circuit,top_n=8',
      'methods=fixed,top_n=4',
      'methods=fixed,top_n=8',
    ]);
    const [, second] = groups[3]!.cells();
    expect(second).toMatchObject({ id: 'methods=fixed,top_n=8,seed=2', seed: 2 });
    expect(second!.experiment).toMatchObject({
      seed: 2,
      data: { task: '/at/task.jsonl' },
      discovery: { top_n: 8 },
      tuning: { methods: ['fixed'], steps: 10 },
    });
  });

  it('may set several keys at once under a name of its own', () => {
    const { groups, axes } = plan(`
cells:
  tuning.methods: [circuit]
  graph:
    whole: { discovery.graph: circuit-tuning, discovery.mlp_block: whole }
    blocks: { discovery.mlp_block: 16 }`);
    expect(axes).toEqual(['methods', 'graph']);
    expect(groups.map(({ values }) => values.graph)).toEqual(['whole', 'blocks']);
    expect(groups[0]!.cells()[0]!.experiment.discovery).toMatchObject({ graph: 'circuit-tuning', mlp_block: 'whole' });
  });

  it('tries each rate of the search with fewer steps and a seed of its own, and takes the one it is told', () => {
    const { groups } = plan(`
cells: { tuning.methods: [circuit] }
seeds: [1, 2, 3]
learning_rate: { grid: [0.1, 0.2], steps: 3, seed: 9, better: lower, bound: 1.5 }`);
    const [group] = groups;
    expect(group!.tries.map(({ id, rate }) => [id, rate])).toEqual([
      ['methods=circuit,rate=0.1', 0.1],
      ['methods=circuit,rate=0.2', 0.2],
    ]);
    expect(group!.tries[1]!.experiment).toMatchObject({ seed: 9, tuning: { steps: 3, learning_rate: 0.2 } });
    expect(group!.cells(0.1)[2]!.experiment).toMatchObject({ seed: 3, tuning: { steps: 10, learning_rate: 0.1 } });
  });

  it('leaves keys of the file out of cells where they mean nothing, as long as they mean something in one', () => {
    const { groups } = plan('cells: { tuning.methods: [circuit, full] }');
    expect(groups).toHaveLength(2);
    expect(refusal('cells: { tuning.methods: [full, fixed] }')).toBe(
      'file: tuning.every: takes effect only with a method that searches again, such as circuit, which no cell of the sweep is, got 5. Leave it out.',
    );
  });

  it.each([
    [
      'cells: { tuning.methods: [circuit, circuit] }',
      'file: sweep.cells.tuning.methods: must give each value once, at least one, got circuit twice. Correct the list.',
    ],
    ['cells: { seed: [1, 2] }', 'file: sweep.cells.seed: must be a key that makes cells differ in more than the seed'],
    [
      'cells: { discovery.top_n: [1, 2] }',
      'file: tuning.methods: must be one method in each cell of a sweep, got circuit, full, random, fixed. List the methods below sweep.cells',
    ],
    [
      'cells: { tuning.methods: [circuit], discovery.topn: [1] }',
      'file: sweep.cells.discovery.topn (1): must be a known key',
    ],
    ['cells: { tuning.methods: [circuit, full], tuning.top_n: [4] }', 'takes effect only where a circuit is searched'],
    [
      'cell: {}',
      'file: sweep.cell: must be a known key (cells, seeds, learning_rate), got "cell". Did you mean "cells"?',
    ],
    ['cells: 4', 'file: sweep.cells: must be a section of names, got 4'],
  ])('says what is wrong with %s', (sweep, message) => {
    expect(refusal(sweep)).toContain(message);
  });

  it('is no experiment: whoever runs a single one is told so', async () => {
    const { readExperiment } = await import('@circuit-tuning/core');
    const options = { name: 'file', resolve: (path: string) => path };
    expect(() => readExperiment(`${base}sweep: { cells: {} }`, options)).toThrow(
      'file: sweep: is for the command line, which runs its cells one by one, got a sweep where one experiment is asked for. Give the file to `circuit-tuning run`, or leave the section out.',
    );
    expect(readSweep(base, options)).toBeUndefined();
  });
});
