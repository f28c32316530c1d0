/** Models, tasks and experiments on this machine, opened by the names that commands are given. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  openModel,
  prepareExperiment,
  taskFor,
  type Experiment,
  type ExperimentFiles,
  type Model,
  type Prepared,
  type Task,
} from '@circuit-tuning/core';
import { nodeFolder, refused } from './files.js';
import { embedded } from './home.js';
import { modelFolder } from './modelFolder.js';

export const modelPath = (name: string): Promise<string> =>
  name === 'embedded' ? Promise.resolve(join(embedded, 'model')) : modelFolder(name);

/** What experiments read; @throws ConfigError where there is no such file. */
const nodeFiles: ExperimentFiles = {
  text: (path) => readFile(path, 'utf8').catch((error: unknown) => refused(error, path)),
  model: async (name) => openModel(nodeFolder(await modelPath(name))),
};

export const openBase = (name: string): Promise<Model> => nodeFiles.model(name);

export const readTaskFile = async (path: string, model: Model, flip = false): Promise<Task> =>
  taskFor(model, await nodeFiles.text(path), path, { flip });

/** @throws ConfigError, WeightError or TaskError. */
export const prepare = (experiment: Experiment, nameOf?: (path: readonly string[]) => string): Promise<Prepared> =>
  prepareExperiment(experiment, nodeFiles, nameOf);
