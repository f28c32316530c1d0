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
import { summaryOf } from './summary.mjs';

const root = new URL('../../', import.meta.url);
const at = (path) => fileURLToPath(new URL(path, root));
// `better`: the embedded model is taught out of the agreement that is measured, the others into what is. `grid`: the
// learning rates that a model bears differ tenfold; a winner at an end would say that the grid is too short.
const models = {
  embedded: {
    title: 'the embedded model',
    better: 'lower',
    steps: 60,
    grid: [0.0002, 0.0005, 0.001, 0.002, 0.004, 0.008],
  },
  llama: {
    title: 'stories260K (Llama)',
    better: 'higher',
    steps: 30,
    grid: [0.00005, 0.0001, 0.0002, 0.0005, 0.001, 0.002, 0.004, 0.008],
  },
  gpt2: {
    title: 'stories280K (GPT-2)',
    better: 'higher',
    steps: 30,
    grid: [0.00001, 0.00002, 0.00005, 0.0001, 0.0002, 0.0005, 0.001],
  },
};
const sweeps = {
  controls: 'Circuit-tuning beside its controls',
  edges: 'N, the edges kept',
  every: 'K, the steps between searches',
  extra: 'R, random parameters outside the circuit',
  graph: 'The graph',
  discovery: 'How edges are scored',
  attractor: 'Where no circuit was before: agreement across an attractor',
};
/** What the search for a learning rate is told, in sweeps that have one. */
const searchOf = ({ better, steps, grid }, sweep) => {
  const rates = { grid: `[${grid.join(', ')}]` };
  return sweep === 'controls' ? { better, ...rates, steps } : sweep === 'attractor' ? rates : {};
};
const experimentOf = (model, sweep) =>
  at(`experiments/hypothesis/${model}${sweep === 'attractor' ? '-attractor' : ''}.yaml`);
// the embedded model knows attractors already: it has no such experiment
const isAsked = (model, sweep) => existsSync(experimentOf(model, sweep));
const fileOf = (model, sweep, name) => at(`runs/hypothesis/${model}/${sweep}/${name}`);

const { values, positionals } = parseArgs({
  options: { only: { type: 'string' }, page: { type: 'boolean' } },
  allowPositionals: true,
});
const only = values.only?.split(',') ?? Object.keys(sweeps);
for (const [given, known] of [
  [positionals, Object.keys(models)],
  [only, Object.keys(sweeps)],
]) {
  const unknown = given.find((name) => !known.includes(name));
  if (unknown === undefined && (given.length > 0 || values.page)) continue;
  console.error(`give one or more of ${known.join(', ')}, or --page${unknown ? `, not ${unknown}` : ''}`);
  process.exit(2);
}
for (const model of values.page ? [] : positionals)
  for (const sweep of only.filter((it) => isAsked(model, it))) {
    const argv = ['run', experimentOf(model, sweep), '--sweep', at(`experiments/hypothesis/sweeps/${sweep}.yaml`)];
    argv.push('--out', fileOf(model, sweep, ''));
    for (const [key, value] of Object.entries(searchOf(models[model], sweep)))
      argv.push('--set', `sweep.learning_rate.${key}=${value}`);
    if (existsSync(fileOf(model, sweep, 'sweep.yaml'))) argv.push('--resume');
    const { status } = spawnSync(process.execPath, [at('scripts/cli.mjs'), ...argv], {
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    if (status !== 0) process.exit(status ?? 1);
  }

const tables = Object.entries(sweeps).flatMap(([sweep, title]) => {
  const made = Object.entries(models).flatMap(([model, { title: name }]) => {
    const table = fileOf(model, sweep, 'table.md');
    return existsSync(table) ? [`**${name[0].toUpperCase()}${name.slice(1)}.** ${readFileSync(table, 'utf8')}`] : [];
  });
  return made.length > 0 ? [`### ${title}`, ...made] : [];
});
const summary = summaryOf(
  Object.entries(models).map(([model, { title, better }]) => ({
    title,
    better,
    isAsked: (sweep) => isAsked(model, sweep),
    resultsOf: (sweep) => {
      const file = fileOf(model, sweep, 'results.json');
      if (!existsSync(file)) return undefined;
      const isWhole = !readFileSync(fileOf(model, sweep, 'table.md'), 'utf8').includes('So far ');
      return { ...JSON.parse(readFileSync(file, 'utf8')), isWhole };
    },
  })),
);
// target against perplexity as a picture: the plot of sweep.html with the colours that its page gives it
const colours = `:root{color-scheme:light dark;--ink:light-dark(#1b212b,#e8ebf0);--muted:light-dark(#596273,#a3adbb);--faint:light-dark(#d8dde4,#39424f)}`;
for (const model of Object.keys(models)) {
  const file = fileOf(model, 'controls', 'sweep.html');
  const plot =
    existsSync(file) && /<section class="tradeoff">(<svg[^>]*>)([^]*?<\/svg>)/.exec(readFileSync(file, 'utf8'));
  if (plot) writeFileSync(at(`docs/images/tradeoff-${model}.svg`), `${plot[1]}<style>${colours}</style>${plot[2]}\n`);
}
const page = at('docs/results.md');
const put = (text, name, made) => {
  const [start, end] = [`<!-- ${name}: written by experiments/hypothesis/run.mjs -->`, `<!-- end of ${name} -->`];
  const [before, rest] = text.split(start);
  const after = rest?.split(end)[1];
  if (after === undefined) throw new Error(`docs/results.md must have the lines ${start} and ${end}`);
  return `${before}${start}\n\n${made}\n\n${end}${after}`;
};
const text = put(readFileSync(page, 'utf8'), 'glance', summary);
writeFileSync(page, put(text, 'tables', tables.join('\n\n')));
spawnSync(process.execPath, [at('node_modules/prettier/bin/prettier.cjs'), '--write', page], { stdio: 'inherit' });
