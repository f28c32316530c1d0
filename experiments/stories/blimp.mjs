/**
 * Accuracy on BLiMP paradigms of a run's base and tuned models, as a Markdown table:
 *   node experiments/stories/blimp.mjs RUN BASE BLIMP [LIMIT]
 * RUN is a run folder, BASE the model it started from, BLIMP a folder of paradigms (.jsonl).
 */
import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const [run, base, blimp, limit = '200'] = process.argv.slice(2);
const cli = fileURLToPath(new URL('../../scripts/cli.mjs', import.meta.url));
const methods = ['circuit', 'full', 'random', 'fixed'];
const models = [base, ...methods.map((method) => join(run, 'model', method))];

const accuracy = (model, task) => {
  const flags = ['--model', model, '--task', task, '--metric', 'logprob_diff', '--batch-size', '50', '--limit', limit];
  const { stdout, stderr, status } = spawnSync(process.execPath, [cli, 'evaluate', ...flags, '--json'], {
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(stderr);
  return JSON.parse(stdout).accuracy;
};

const row = (cells) => console.log(`| ${cells.join(' | ')} |`);
const percent = (share) => `${(100 * share).toFixed(1)}`;
row(['paradigm', 'base', ...methods]);
row(['---', ...models.map(() => '---:')]);
const sums = models.map(() => 0);
const files = readdirSync(blimp).filter((file) => file.endsWith('.jsonl'));
for (const file of files.sort()) {
  const shares = models.map((model) => accuracy(model, join(blimp, file)));
  shares.forEach((share, i) => (sums[i] += share));
  row([file.replace('.jsonl', ''), ...shares.map(percent)]);
}
row(['mean', ...sums.map((sum) => percent(sum / files.length))]);
