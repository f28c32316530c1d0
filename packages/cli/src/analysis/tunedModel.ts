/** The models of a finished run: the base that it started from, and what each method made of it. */
import { join, resolve } from 'node:path';
import {
  ConfigError,
  DELTA,
  keptText,
  openModel,
  readDelta,
  readExperiment,
  type Model,
  type Parameters,
} from '@circuit-tuning/core';
import { nodeFolder, sha256 } from '../files.js';
import { modelPath } from '../prepare.js';
import type { FolderRun } from '../runPlace.js';

/** @throws ConfigError where the run does not say, or the model is gone. */
export async function openBaseOf(run: FolderRun): Promise<Model> {
  const name = `${run.name}/experiment.yaml`;
  const text = await keptText(run, 'experiment.yaml');
  if (text === undefined)
    throw new ConfigError({
      where: name,
      rule: 'must name the base model',
      got: 'no such file',
      cure: 'Copy it from where the run was made',
    });
  const { model } = readExperiment(text, { name, resolve: (path) => resolve(run.folder, path) });
  return openModel(nodeFolder(await modelPath(model)));
}

/**
 * What a method made of the base: from its delta, which knows by hash whether the base is the same, else from its model.
 * Undefined where the run has neither, as one that was cut off.
 * @param isOnly the run has one method and may keep it without a folder of its own.
 * @throws WeightError where the delta is of another base, or a file is damaged.
 */
export async function tunedBy(
  run: FolderRun,
  base: Model,
  method: string,
  isOnly: boolean,
): Promise<{ readonly from: string; readonly parameters: Parameters } | undefined> {
  const places = isOnly ? [`/${method}`, ''] : [`/${method}`];
  for (const place of places) {
    const path = `delta${place}/${DELTA}`;
    const source = await run.open(path);
    if (!source) continue;
    const overlay = await readDelta(source, base.weights, sha256);
    return { from: path, parameters: (await openModel(base.folder, { overlay })).weights };
  }
  for (const place of places) {
    const path = `model${place}`;
    if (!(await run.open(`${path}/config.json`))) continue;
    const { weights } = await openModel(nodeFolder(join(run.folder, path)));
    return { from: path, parameters: weights };
  }
  return undefined;
}
