/** The embedded model: its files are what its recipe makes, it can do what its card says, and training repeats. */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openModel, Session, tokenizerConfig, tokenizerJson, type OutputFile } from '@circuit-tuning/core';
import { kernels } from '@circuit-tuning/kernels-wgsl';
import { testGpu } from '@circuit-tuning/testkit';
import { qualityOf } from '../../src/embedded/quality.js';
import { configOf, readRecipe } from '../../src/embedded/recipe.js';
import { taskFiles } from '../../src/embedded/taskFiles.js';
import { train } from '../../src/embedded/train.js';
import { nodeFolder } from '../../src/files.js';
import { embedded } from '../../src/home.js';
import { openNodeModel } from '../../src/nodeModel.js';
import { prepare } from '../../src/prepare.js';
import { readExperiment } from '../../src/readExperiment.js';

const place = (name: string): string => join(embedded, name);
const bytesOf = async (file: OutputFile): Promise<Buffer> => {
  const chunks: Uint8Array[] = [];
  for await (const chunk of file.chunks()) chunks.push(chunk);
  return Buffer.concat(chunks);
};
const hash = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

describe('the embedded files', () => {
  it('are the tasks that the grammar writes from the recipe', async () => {
    const files = taskFiles(await readRecipe());
    expect(readdirSync(place('tasks')).toSorted()).toEqual(files.map(({ name }) => name).toSorted());
    for (const file of files)
      expect(readFileSync(place(`tasks/${file.name}`), 'utf8')).toBe((await bytesOf(file)).toString());
  });

  it('are a Hugging Face folder of the recipe, with the tokenizer of the grammar and the weights of the card', async () => {
    const config = configOf(await readRecipe());
    const { config: stored, weights } = await openModel(nodeFolder(place('model')));
    expect(stored).toEqual(config);
    expect(await weights.read('embed.W_E')).toHaveLength(config.V * config.D);
    const json = (name: string): unknown => JSON.parse(readFileSync(place(`model/${name}`), 'utf8'));
    expect(json('tokenizer.json')).toEqual(tokenizerJson());
    expect(json('tokenizer_config.json')).toEqual(tokenizerConfig(config));
    const card = readFileSync(place('model/README.md'), 'utf8');
    expect(card).toContain(hash(readFileSync(place('model/model.safetensors'))));
  });

  it('take at most 4 MB', () => {
    const all = readdirSync(embedded, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
    const bytes = all.reduce((sum, { parentPath, name }) => sum + statSync(join(parentPath, name)).size, 0);
    expect(bytes).toBeLessThan(4e6);
  });

  it.each(['demo.yaml', 'lab.yaml'])('are all that %s needs', async (file) => {
    const { warnings, nodes, topN } = await prepare(await readExperiment(place(file)));
    expect(warnings).toEqual([]);
    expect(topN).toBeLessThan(nodes.edgeCount);
  });
});

describe('the embedded model', () => {
  it('lets the verb agree across attractors, and is close to the entropy of the grammar elsewhere', async () => {
    const opened = await openNodeModel(await openModel(nodeFolder(place('model'))));
    const { agreement, loss } = await qualityOf(opened.model, { seed: 5, count: 100 });
    opened.dispose();
    for (const { accuracy, logitDiff } of Object.values(agreement)) {
      expect(accuracy).toBeGreaterThan(0.95);
      expect(logitDiff).toBeGreaterThan(3);
    }
    for (const { kind, nll, entropy } of loss)
      expect({ kind, over: nll - entropy < 0.2 }).toEqual({ kind, over: true });
  });

  it('is trained by the same recipe to the same bits', async () => {
    const recipe = { ...(await readRecipe()), text: { seed: 1, sentences: 2000 } };
    const gpu = await testGpu();
    const weights = async (): Promise<string> => {
      const session = new Session({ ...gpu, kernels });
      const { model, files } = await train(session, recipe, { steps: 10 });
      const bytes = await bytesOf(files.find(({ name }) => name === 'model.safetensors')!);
      model.dispose();
      session.dispose();
      return hash(bytes);
    };
    expect(await weights()).toBe(await weights());
  });
});
