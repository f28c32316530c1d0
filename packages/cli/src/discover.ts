/** `circuit-tuning discover`: scores of all edges, and the circuit of the strongest. */
import {
  attributionMeta,
  attributionOf,
  bootstrapOf,
  circuitFiles,
  edgeName,
  nodeCount,
  requireSharedHeads,
  scorePartsOf,
  searchCircuit,
  textFile,
  toGraphJson,
  type Circuit,
  type DeviceModel,
  type Example,
  type Prepared,
  type Profiler,
  type ScoreParts,
  type Scores,
  type SearchCircuitOptions,
  type Experiment,
} from '@circuit-tuning/core';
import { circuitSvg } from '@circuit-tuning/web/draw/static';
import type { Command } from 'commander';
import { printJson, shown, tellWarnings } from './conduct.js';
import { writeFiles } from './files.js';
import { addFlags, experimentOf, flagOf, type Given } from './flags.js';
import { discoverFlags, partFlags } from './flagTables.js';
import { interruptible } from './interrupt.js';
import { addMemory, requireBudget, shorterThan, type MemoryFlag } from './memoryBudget.js';
import { openNodeModel } from './nodeModel.js';
import { prepare } from './prepare.js';
import { addProfile, profilerOf, tellProfile, withProfile, type ProfileFlag } from './profile.js';
import { createProgress } from './progress.js';
import { requireNew } from './runFolder.js';
import { partFiles, printedParts } from './scoreParts.js';
import { rehearseDiscover, withDiscovery } from './rehearsals.js';
import { number, table } from './table.js';

interface DiscoverFlags extends ProfileFlag, MemoryFlag, Given {
  readonly out: string;
  readonly json?: true;
  readonly kvPerQueryHead?: boolean;
}

const ownFlags = [...discoverFlags, ...partFlags];

export function addDiscover(program: Command): void {
  const command = program
    .command('discover')
    .description('find the circuit of a task: writes graph.json, scores.safetensors and circuit.svg');
  addMemory(addProfile(addFlags(command, ownFlags)))
    .requiredOption('--out <folder>', 'where its files are written')
    .option('--kv-per-query-head', 'in graph.json, key and value edges for each query head, as EAP-IG has them')
    .option('--json', 'print what was found for machines')
    .action(async ({ out, json, kvPerQueryHead = false, ...flags }: DiscoverFlags) => {
      const profiler = profilerOf(flags);
      const experiment = discoverExperiment(flags);
      await requireNew(out);
      const prepared = await prepare(experiment, (path) => flagOf(ownFlags, path));
      const { convention: graph, mlpGroups, config } = prepared.nodes;
      if (kvPerQueryHead) requireSharedHeads({ graph, mlpGroups, ...config });
      await requireRoom(flags, prepared);
      const { circuit, scores, parts } = await discover(prepared, profiler);
      const { select } = experiment.discovery;
      const meta = { ...attributionMeta(prepared), select, examples: scores.examples };
      const picture = circuitSvg(toGraphJson(circuit, scores.values), { top: DRAWN });
      const files = { graph: 'graph.json', scores: 'scores.safetensors' };
      await writeFiles(out, [
        ...circuitFiles(files, circuit, scores, meta, { kvPerQueryHead }),
        textFile('circuit.svg', picture),
        ...partFiles(parts),
      ]);
      if (json) printJson(withProfile({ out, ...facts(prepared, circuit, scores) }, profiler));
      else print(prepared, circuit, scores, parts, out);
      await tellProfile(profiler, { out, isJson: json === true });
    });
}

/** What the flags say, of a task and a model. */
export const discoverExperiment = (flags: Given): Experiment =>
  experimentOf(ownFlags, flags, { name: 'discover', evaluation: { faithfulness: [] } });

async function requireRoom(flags: MemoryFlag, prepared: Prepared): Promise<void> {
  const { base, search, experiment } = prepared;
  const { positions, by_position: way, batch_size: batchSize } = experiment.discovery;
  const rehearse =
    (changes: Partial<Experiment['discovery']>) => (model: DeviceModel, size: number, examples: readonly Example[]) =>
      rehearseDiscover(model, withDiscovery({ ...prepared, search: examples }, { batch_size: size, ...changes }));
  const others = {
    ...(positions === 'all' &&
      way === undefined && { 'score the answers alone (--positions answer)': rehearse({ positions: 'answer' }) }),
    ...(way !== undefined && { 'leave --by-position out': rehearse({ by_position: undefined }) }),
  };
  const asked = { base, where: 'discover', batchSize, examples: search, others, shorter: shorterThan };
  await requireBudget(flags, asked, rehearse({}));
}

async function discover(
  prepared: Prepared,
  profiler: Profiler | undefined,
): Promise<{ circuit: Circuit; scores: Scores; parts: ScoreParts }> {
  const { base, experiment, search } = prepared;
  const progress = createProgress();
  tellWarnings(prepared, progress.say);
  try {
    return await interruptible(progress.say, async (signal) => {
      const tell = (what: string) => (done: number, of: number) => {
        signal.throwIfAborted();
        progress.update(what, done, of);
      };
      const opened = await openNodeModel(base, {
        onProgress: tell('loading the model'),
        profiler,
        precision: experiment.precision,
        dtype: experiment.dtype,
      });
      try {
        const onProgress = tell('finding the circuit');
        const found = await searchCircuit(opened.model, search, {
          ...searchOptions(prepared, experiment.discovery.batch_size),
          ...(experiment.discovery.per_example && { perExample: true }),
          onProgress,
        });
        return { ...found, parts: await scorePartsOf(opened.model, prepared, found, tell) };
      } finally {
        opened.dispose();
      }
    });
  } finally {
    progress.stop();
  }
}

const searchOptions = (prepared: Prepared, batchSize: number): SearchCircuitOptions => ({
  ...attributionOf(prepared),
  topN: prepared.topN,
  select: prepared.select,
  bootstrap: bootstrapOf(prepared),
  batchSize,
});

const facts = ({ nodes, metric }: Prepared, circuit: Circuit, scores: Scores) => ({
  graph: nodes.convention,
  edges: circuit.edges.length,
  of_edges: nodes.edgeCount,
  nodes: nodeCount(circuit),
  examples: scores.examples,
  metric_name: metric,
  metric: scores.metric,
});

/** The strongest edges, the most a picture can be read with. */
const DRAWN = 300;

/** The strongest edges, the most a screen shows. */
const SHOWN = 20;

function print(prepared: Prepared, circuit: Circuit, scores: Scores, parts: ScoreParts, out: string): void {
  const { edges, of_edges: of, nodes, examples, metric } = facts(prepared, circuit, scores);
  const strongest = [...circuit.edges].toSorted(
    (a, b) => Math.abs(scores.values[b]!) - Math.abs(scores.values[a]!) || a - b,
  );
  process.stdout.write(
    `${number(edges)} of ${number(of)} edges, ${nodes} nodes; ${prepared.metric} ${number(metric)} over ${examples} examples\n\n` +
      table(
        ['strongest edges', 'score'],
        strongest.slice(0, SHOWN).map((edge) => [edgeName(prepared.nodes, edge), number(scores.values[edge])]),
      ) +
      printedParts(parts, SHOWN) +
      `\nThe circuit, its picture and the scores of all edges are in ${shown(out)}.\n`,
  );
}
