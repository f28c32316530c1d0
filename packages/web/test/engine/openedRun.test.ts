/** Which models an opened run has to ask, and what it says of those that it has not. */
import { DELTA, memorySource, type Folder } from '@circuit-tuning/core';
import { expect, it } from 'vitest';
import { OpenedRun } from '../../src/engine/openedRun.js';
import type { RunFiles } from '../../src/record/files.js';
import { tinyModel } from '../lab/tinyModel.js';

const experiment = (methods: string): string =>
  `model: /models/tiny\ndata: { task: rows.jsonl }\n${methods === '' ? '' : `tuning: { methods: [${methods}], steps: 4 }\n`}`;

/** A run of files that are only looked at by name. */
const runOf = (text: string, paths: readonly string[]): RunFiles => ({
  name: 'run',
  open: async (path) => (path === 'experiment.yaml' ? memorySource(path, new TextEncoder().encode(text)) : undefined),
  list: async (folder) =>
    paths.filter((path) => path.startsWith(`${folder}/`)).map((path) => path.slice(folder.length + 1).split('/')[0]!),
});

const here = async (): Promise<Folder> => {
  const files = await tinyModel();
  return {
    name: 'tiny',
    open: async (name) => {
      const bytes = files.get(name);
      return bytes && memorySource(name, bytes);
    },
  };
};
const nowhere = async (): Promise<undefined> => undefined;

it.each([
  [
    'a delta upon a base that is here',
    'circuit, full',
    [`delta/circuit/${DELTA}`, `delta/full/${DELTA}`],
    here,
    ['circuit', 'full'],
    undefined,
  ],
  [
    'a model of its own, without a base',
    'circuit',
    ['model/config.json'],
    nowhere,
    ['circuit'],
    'The base model, tiny, is not here: the tuned one answers alone.',
  ],
  [
    'a delta upon a base that is not here',
    'circuit',
    [`delta/circuit/${DELTA}`],
    nowhere,
    [],
    'The base model, tiny, is not here, and the run has of circuit only what differs from it (delta). Add that model in step 1 of “Your own model and task”, then open the run again.',
  ],
  [
    'one of two methods, as a run that was cut off',
    'circuit, full',
    [`delta/circuit/${DELTA}`],
    here,
    ['circuit'],
    'The run has no model of full, neither under delta nor under model: a method leaves them when it is done.',
  ],
  [
    'nothing, where nothing was tuned',
    '',
    [],
    here,
    [],
    'Nothing was tuned in this run, so there is no model but the base.',
  ],
] as const)('a run with %s says what can be asked', async (_, methods, paths, base, found, missing) => {
  const { models } = await OpenedRun.open(runOf(experiment(methods), paths), base);
  expect(models.methods).toEqual(found);
  expect(models.missing).toBe(missing);
});

it('a run that does not say of which model it was is refused', async () => {
  const files: RunFiles = { name: 'run', open: async () => undefined, list: async () => [] };
  await expect(OpenedRun.open(files, nowhere)).rejects.toThrow(
    'run: must say of which model it was, in experiment.yaml, got no such file. Copy it from where the run was made.',
  );
});
