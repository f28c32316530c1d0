/** `circuit-tuning stability`: how much of a circuit would survive another draw of the data, or another choice. */
import {
  attributionMeta,
  circuitFiles,
  ConfigError,
  DEFAULT_RESAMPLES,
  LEAST_RESAMPLES,
  edgeName,
  allEdges,
  show,
  stabilityFiles,
  stabilityTestOf,
  testStability,
  textFile,
  toGraphJson,
  type DeviceModel,
  type Example,
  type Experiment,
  type Prepared,
  type Profiler,
  type StabilityFound,
} from '@circuit-tuning/core';
import { survivalTable, variationTable, type Table } from '@circuit-tuning/web/draw/static';
import type { Command } from 'commander';
import { printedTable } from './analysis/print.js';
import { csv } from './analysis/tableFiles.js';
import { printJson, shown, tellWarnings } from './conduct.js';
import { writeFiles } from './files.js';
import { addFlags, experimentOf, flagOf, numberOf, type Given } from './flags.js';
import { discoverFlags, stabilityFlags } from './flagTables.js';
import { interruptible } from './interrupt.js';
import { addMemory, requireBudget, shorterThan, type MemoryFlag } from './memoryBudget.js';
import { openNodeModel } from './nodeModel.js';
import { prepare } from './prepare.js';
import { addProfile, profilerOf, tellProfile, withProfile, type ProfileFlag } from './profile.js';
import { createProgress } from './progress.js';
import { stabilityHtml } from './report/stabilityPage.js';
import { survivalInWords } from './report/stabilitySections.js';
import { rehearseStable, withDiscovery } from './rehearsals.js';
import { requireNew } from './runFolder.js';

/** Of the rule `stable`, which this command applies by itself. */
const OWN = ['discovery.resamples', 'discovery.confidence'];
const flags = [...discoverFlags.filter(({ key }) => !OWN.includes(key)), ...stabilityFlags];

interface StabilityCommandFlags extends ProfileFlag, MemoryFlag {
  readonly out: string;
  readonly vary: readonly string[];
  readonly json?: true;
}

const several = (value: string, before: readonly string[]): readonly string[] => [...before, value];

export function addStability(program: Command): void {
  const command = program
    .command('stability')
    .description('how much of a circuit would survive another draw of the data: writes stability.json, .csv and .html');
  addMemory(addProfile(addFlags(command, flags)))
    .requiredOption('--out <folder>', 'where the files are written')
    .option(
      '--vary <key=values>',
      'also with other ablation, method, steps, riemann or seed, as in steps=1,20',
      several,
      [],
    )
    .option('--json', 'print stability.json')
    .action(async (given: StabilityCommandFlags & Given) => {
      const { out, json } = given;
      const profiler = profilerOf(given);
      const experiment = stabilityExperiment(given, given.vary);
      await requireNew(out);
      const prepared = await prepare(experiment, (path) => flagOf(flags, path));
      await requireRoom(given, prepared);
      const found = await run(prepared, profiler);
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

/** What the flags say, of a task and a model. */
export const stabilityExperiment = (given: Given, vary: readonly string[] = []): Experiment =>
  experimentOf(flags, given, {
    name: 'stability',
    evaluation: { faithfulness: [] },
    stability: { vary: varied(vary) },
  });

/** `key=values` by key; whether a value makes sense says the experiment. */
function varied(texts: readonly string[]): Readonly<Record<string, readonly unknown[]>> {
  const keys = ['ablation', 'method', 'steps', 'riemann', 'seed'];
  const found: Record<string, unknown[]> = {};
  for (const text of texts) {
    const [, key = '', list = ''] = /^(\w+)=(.+)$/.exec(text) ?? [];
    if (!keys.includes(key))
      throw new ConfigError({
        where: '--vary',
        rule: `must be key=values with one of the keys ${keys.join(', ')}`,
        got: show(text),
        cure: 'As in --vary ablation=mean,zero',
      });
    (found[key] ??= []).push(...list.split(',').map((value) => numberOf(value)));
  }
  return found;
}

async function requireRoom(flag: MemoryFlag, prepared: Prepared): Promise<void> {
  const { base, search, experiment } = prepared;
  const { positions, batch_size: batchSize } = experiment.discovery;
  const stability = experiment.stability!;
  const rehearse =
    (changes: Partial<Experiment['discovery']>, resamples = stability.resamples) =>
    (model: DeviceModel, size: number, examples: readonly Example[]) => {
      const drawn = {
        ...prepared,
        search: examples,
        experiment: { ...experiment, stability: { ...stability, resamples } },
      };
      return rehearseStable(model, withDiscovery(drawn, { batch_size: size, ...changes }));
    };
  const fewer = Math.round((stability.resamples ?? DEFAULT_RESAMPLES) / 4);
  const others = {
    ...(positions === 'all' && { 'score the answers alone (--positions answer)': rehearse({ positions: 'answer' }) }),
    ...(fewer >= LEAST_RESAMPLES && { [`draw ${fewer} resamples (--resamples)`]: rehearse({}, fewer) }),
  };
  const asked = { base, where: 'stability', batchSize, examples: search, others, shorter: shorterThan };
  await requireBudget(flag, asked, rehearse({}));
}

async function run(prepared: Prepared, profiler: Profiler | undefined): Promise<StabilityFound> {
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
        dtype: prepared.experiment.dtype,
      });
      try {
        return await testStability(opened.model, prepared, {
          ...stabilityTestOf(prepared, prepared.experiment.stability!),
          onProgress,
        });
      } finally {
        opened.dispose();
      }
    });
  } finally {
    progress.stop();
  }
}

function filesOf(prepared: Prepared, found: StabilityFound) {
  const { record, circuit, core, scores } = found;
  const meta = { ...attributionMeta(prepared), select: record.select, examples: record.examples };
  return [
    ...stabilityFiles(prepared, found),
    textFile('stability.csv', csv(everyEdge(found))),
    textFile('stability.html', stabilityHtml(record, toGraphJson(core, scores.values))),
    ...circuitFiles({ graph: 'graph.json', scores: 'scores.safetensors' }, circuit, scores, meta),
  ];
}

/** Every edge of the graph; an end that has no bound is empty. */
function everyEdge({ circuit, core, scores, stability }: StabilityFound): Table {
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
