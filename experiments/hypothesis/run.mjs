/**
 * Runs every sweep of this folder on a model and writes what came out into docs/results.md:
 *
 *   node experiments/hypothesis/run.mjs embedded | llama | gpt2 ... [--only controls,edges] [--page]
 *
 * Each sweep lies in runs/hypothesis/<model>/<sweep> and goes on where it was stopped, so that the command can be given
 * again. `--page` runs nothing and writes the page from what is there.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const root = new URL('../../', import.meta.url);
const at = (path) => fileURLToPath(new URL(path, root));
const models = { embedded: 'the embedded model', llama: 'stories260K (Llama)', gpt2: 'stories280K (GPT-2)' };
const sweeps = {
  controls: 'Circuit-tuning beside its controls',
  main: 'Circuit, random, fixed, full and LoRA',
  edges: 'N, the edges kept',
  every: 'K, the steps between searches',
  extra: 'R, random parameters outside the circuit',
  graph: 'The graph',
  discovery: 'How edges are scored',
};
// The embedded model is taught out of the agreement that is measured, the others into it.
const better = { embedded: 'lower', llama: 'higher', gpt2: 'higher' };
const folderOf = (model, sweep) => `runs/hypothesis/${model}/${sweep}`;

const { values, positionals } = parseArgs({
  options: { only: { type: 'string' }, page: { type: 'boolean' } },
  allowPositionals: true,
});
const unknown = positionals.find((name) => !(name in models));
if (unknown !== undefined || (positionals.length === 0 && !values.page)) {
  console.error(`give one or more of ${Object.keys(models).join(', ')}, or --page${unknown ? `, not ${unknown}` : ''}`);
  process.exit(2);
}
const chosen = values.only?.split(',') ?? Object.keys(sweeps);
for (const model of values.page ? [] : positionals)
  for (const sweep of chosen) {
    const out = at(folderOf(model, sweep));
    const argv = ['run', at(`experiments/hypothesis/${model}.yaml`)];
    argv.push('--sweep', at(`experiments/hypothesis/sweeps/${sweep}.yaml`), '--out', out);
    if (sweep === 'controls' || sweep === 'main') argv.push('--set', `sweep.learning_rate.better=${better[model]}`);
    if (existsSync(`${out}/sweep.yaml`)) argv.push('--resume');
    const { status } = spawnSync(process.execPath, [at('scripts/cli.mjs'), ...argv], {
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    if (status !== 0) process.exit(status ?? 1);
  }

const parts = Object.entries(sweeps).flatMap(([sweep, title]) => {
  const tables = Object.entries(models).flatMap(([model, name]) => {
    const table = at(`${folderOf(model, sweep)}/table.md`);
    return existsSync(table) ? [`**${name[0].toUpperCase()}${name.slice(1)}.** ${readFileSync(table, 'utf8')}`] : [];
  });
  return tables.length > 0 ? [`### ${title}`, ...tables] : [];
});
const page = at('docs/results.md');
const [start, end] = ['<!-- hypothesis: written by experiments/hypothesis/run.mjs -->', '<!-- end of hypothesis -->'];
const text = readFileSync(page, 'utf8');
const [before, rest] = text.split(start);
const after = rest?.split(end)[1];
if (after === undefined) throw new Error(`docs/results.md must have the lines ${start} and ${end}`);
writeFileSync(page, `${before}${start}\n\n${parts.join('\n\n')}\n\n${end}${after}`);
spawnSync(process.execPath, [at('node_modules/prettier/bin/prettier.cjs'), '--write', page], { stdio: 'inherit' });
