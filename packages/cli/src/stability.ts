/** `circuit-tuning stability`: how much of a circuit would survive another draw of the data, or another choice. */
import {
  attributionMeta,
  attributionOf,
  circuitFiles,
  ConfigError,
  edgeName,
  allEdges,
  show,
  testStability,
  textFile,
  toGraphJson,
  type AttributeOptions,
  type Experiment,
  type Prepared,
  type Profiler,
  type StabilityFound,
  type StabilityTest,
} from '@circuit-tuning/core';
import { survivalTable, variationTable, type Table } from '@circuit-tuning/web/draw/static';
import type { Command } from 'commander';
import { printedTable } from './analysis/print.js';
import { csv } from './analysis/tableFiles.js';
import { printJson, shown, tellWarnings } from './conduct.js';
import { writeFiles } from './files.js';
import { addFlags, discoverFlags, experimentOf, flagOf } from './flags.js';
import { interruptible } from './interrupt.js';
import { openNodeModel } from './nodeModel.js';
import { prepare } from './prepare.js';
import { addProfile, profilerOf, tellProfile, withProfile, type ProfileFlag } from './profile.js';
import { createProgress } from './progress.js';
import { stabilityHtml, survivalInWords } from './report/stabilityPage.js';
import { requireNew } from './runFolder.js';
import { count, real } from './values.js';

/** Of the rule `stable`, which this command applies by itself. */
const OWN = ['discovery.resamples', 'discovery.confidence'];
const flags = discoverFlags.filter(({ key }) => !OWN.includes(key));

type Given = Readonly<Record<string, string | boolean | undefined>>;

interface StabilityFlags extends ProfileFlag {
  readonly out: string;
  readonly resamples?: number;
  readonly confidence?: number;
  readonly seed?: number;
  readonly folds?: number;
  readonly byTemplate?: true;
  readonly vary: readonly string[];
  readonly json?: true;
}

const several = (value: string, before: readonly string[]): readonly string[] => [...before, value];

export function addStability(program: Command): void {
  const command = program
    .command('stability')
    .description('how much of a circuit would survive another draw of the data: writes stability.json, .csv and .html');
  addProfile(addFlags(command, flags))
    .requiredOption('--out <folder>', 'where the files are written')
    .option('--resamples <n>', 'draws of the bootstrap (2000)', count('--resamples', 100))
    .option('--confidence <share>', 'of the intervals (0.95)', real('--confidence'))
    .option('--seed <n>', 'of the draws (0)', count('--seed', 0))
    .option('--folds <k>', 'also the circuits of k parts of the examples', count('--folds', 2))
    .option('--by-template', "also the circuit of each template: the rows' `template`, or their ids without the number")
    .option(
      '--vary <key=values>',
      'also with other ablation, method, steps, riemann or seed, as in steps=1,20',
      several,
      [],
    )
    .option('--json', 'print stability.json')
    .action(async (given: StabilityFlags & Given) => {
      const { out, json } = given;
      const profiler = profilerOf(given);
      const experiment = experimentWith(given, {});
      if (experiment.discovery.select === 'stable')
        throw new ConfigError({
          where: '--select',
          rule: 'must be the rule whose circuit is tested',
          got: '"stable", which this command finds by itself',
          cure: 'Leave it out for top-n',
        });
      await requireNew(out);
      const prepared = await prepare(experiment, (path) => flagOf(flags, path));
      const found = await run(prepared, testOf(given, prepared), profiler);
      await writeFiles(out, filesOf(prepared, found));
      if (json) printJson(withProfile(found.record, profiler));
      else
        process.stdout.write(
          [
            `${survivalInWords(found.record)}\n`,
            printedTable(survivalTable(found.record)),
            ...(found.record.variations.length > 0 ? [printedTable(variationTable(found.record))] : []),
            `Intervals of all edges are in ${shown(out)}; look at ${shown(`${out}/stability.html`)} in a browser.\n`,
          ].join('\n'),
        );
      await tellProfile(profiler, { out, isJson: json === true });
    });
}

const experimentWith = (given: StabilityFlags & Given, other: Given): Experiment =>
  experimentOf(flags, { ...given, ...other }, { name: 'stability', evaluation: { faithfulness: [] } });

/** What may be varied, by the name that commander gives its flag. */
const variable: Readonly<Record<string, string>> = {
  ablation: 'ablation',
  method: 'method',
  steps: 'igSteps',
  riemann: 'riemann',
};

function testOf(given: StabilityFlags & Given, prepared: Prepared): StabilityTest {
  const { resamples, confidence, seed, folds, byTemplate, vary } = given;
  const seeds: number[] = [];
  const others: { source: string; name: string; how: AttributeOptions }[] = [];
  for (const text of vary) {
    const [, key = '', list = ''] = /^(\w+)=(.+)$/.exec(text) ?? [];
    const values = list.split(',');
    const flag = variable[key];
    if (key === 'seed') seeds.push(...values.map(count('--vary seed', 0)));
    else if (flag !== undefined)
      for (const value of values)
        others.push({ source: key, name: value, how: howWith(prepared, given, { [flag]: value }) });
    else
      throw new ConfigError({
        where: '--vary',
        rule: `must be key=values with one of the keys ${Object.keys(variable).join(', ')}, seed`,
        got: show(text),
        cure: 'As in --vary ablation=mean,zero',
      });
  }
  return {
    bootstrap: {
      ...(resamples !== undefined && { resamples }),
      ...(confidence !== undefined && { confidence }),
      ...(seed !== undefined && { seed }),
    },
    ...(folds !== undefined && { folds }),
    byTemplate: byTemplate === true,
    others,
    seeds,
  };
}

/** Checked as if it had been asked for itself. */
function howWith(prepared: Prepared, given: StabilityFlags & Given, other: Given): AttributeOptions {
  const experiment = experimentWith(given, other);
  return { ...attributionOf({ ...prepared, experiment }), batchSize: experiment.discovery.batch_size };
}

async function run(prepared: Prepared, test: StabilityTest, profiler: Profiler | undefined): Promise<StabilityFound> {
  const progress = createProgress();
  tellWarnings(prepared, progress.say);
  try {
    return await interruptible(progress.say, async (signal) => {
      const onProgress = (what: string, done: number, of: number): void => {
        signal.throwIfAborted();
        progress.update(what, done, of);
      };
      const opened = await openNodeModel(prepared.base, {
        onProgress: (done, of) => onProgress('loading the model', done, of),
        profiler,
        precision: prepared.experiment.precision,
      });
      try {
        return await testStability(opened.model, prepared, { ...test, onProgress });
      } finally {
        opened.dispose();
      }
    });
  } finally {
    progress.stop();
  }
}

function filesOf(prepared: Prepared, { record, circuit, core, scores, stability }: StabilityFound) {
  const meta = { ...attributionMeta(prepared), select: record.select, examples: record.examples };
  const stable = toGraphJson(core, scores.values, { ...meta, select: 'stable' });
  return [
    textFile('stability.json', `${JSON.stringify(record)}\n`),
    textFile('stability.csv', csv(everyEdge({ circuit, core, scores, stability }))),
    textFile('stability.html', stabilityHtml(record, stable)),
    textFile('core.json', `${JSON.stringify(stable)}\n`),
    ...circuitFiles({ graph: 'graph.json', scores: 'scores.safetensors' }, circuit, scores, meta),
  ];
}

/** Every edge of the graph; an end that has no bound is empty. */
function everyEdge({ circuit, core, scores, stability }: Omit<StabilityFound, 'record'>): Table {
  const { nodes, values, interval } = scores;
  const [inCircuit, inCore] = [new Set(circuit.edges), new Set(core.edges)];
  const end = (value: number): number | undefined => (Number.isFinite(value) ? value : undefined);
  return {
    caption: '',
    columns: ['edge', 'score', 'low', 'high', 'inclusion', 'in_circuit', 'in_core'].map((head) => ({ head })),
    rows: [...allEdges(nodes)].map((edge) => [
      edgeName(nodes, edge),
      values[edge],
      end(interval!.low[edge]!),
      end(interval!.high[edge]!),
      stability.inclusion[edge],
      inCircuit.has(edge) ? 1 : 0,
      inCore.has(edge) ? 1 : 0,
    ]),
  };
}
