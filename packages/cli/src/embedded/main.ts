/**
 * `pnpm train:embedded`: writes the embedded model, its card and its tasks again. `--out DIR` writes elsewhere,
 * `--tasks` the tasks alone, `--steps N` stops early, `--twice` trains a second time and compares every bit.
 */
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { Session, textFile, type OutputFile } from '@circuit-tuning/core';
import { kernels } from '@circuit-tuning/kernels-wgsl';
import { sha256, writeFolder } from '../files.js';
import { openGpu } from '../gpu.js';
import { embedded } from '../home.js';
import { card } from './card.js';
import { qualityOf } from './quality.js';
import { readRecipe, type Recipe } from './recipe.js';
import { taskFiles } from './taskFiles.js';
import { train } from './train.js';

const say = (line: string): void => void process.stdout.write(`${line}\n`);

const { values } = parseArgs({
  options: {
    out: { type: 'string', default: embedded },
    tasks: { type: 'boolean', default: false },
    steps: { type: 'string' },
    twice: { type: 'boolean', default: false },
  },
});
const recipe = await readRecipe();
const write = (folder: string, files: readonly OutputFile[]): Promise<void> =>
  writeFolder(join(values.out, folder), files, { replace: true });
await write('tasks', taskFiles(recipe));
say(`wrote ${join(values.out, 'tasks')}`);
if (!values.tasks) await trainAndWrite(recipe);
// Dawn's threads would keep the process
process.exit();

async function trainAndWrite(made: Recipe): Promise<void> {
  const { device, info } = await openGpu();
  const session = (): Session =>
    new Session({ device, kernels, isSoftware: info.isSoftware, ...(info.subgroup && { subgroup: info.subgroup }) });
  const steps = values.steps === undefined ? made.training.steps : Number(values.steps);
  say(`training for ${steps} of ${made.training.steps} steps on ${info.name}`);
  const trained = await train(session(), made, { steps, onStep: progress(steps) });
  const hash = await weightHash(trained.files);
  say(`sha256 of the weights: ${hash}`);
  if (values.twice) {
    const again = await weightHash((await train(session(), made, { steps, onStep: progress(steps) })).files);
    say(again === hash ? 'a second run gave the same bits' : `a SECOND RUN DIFFERS: ${again}`);
    if (again !== hash) process.exitCode = 1;
  }
  const quality = await qualityOf(trained.model, { seed: 99, count: 200 });
  const text = card({ recipe: made, steps, adapter: info.name, hash, quality });
  await write('model', [...trained.files, textFile('README.md', text)]);
  say(`${text}\nwrote ${join(values.out, 'model')}`);
}

function progress(steps: number): (step: number, loss: number) => void {
  const started = performance.now();
  let sum = 0;
  return (step, loss) => {
    sum += loss;
    if (step % 100 !== 0 && step !== steps) return;
    const seconds = ((performance.now() - started) / 1000).toFixed(0);
    say(`step ${step}: loss ${(sum / (step % 100 || 100)).toFixed(4)}, ${seconds} s`);
    sum = 0;
  };
}

async function weightHash(files: readonly OutputFile[]): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of files.find(({ name }) => name === 'model.safetensors')!.chunks()) chunks.push(chunk);
  return sha256(Buffer.concat(chunks));
}
