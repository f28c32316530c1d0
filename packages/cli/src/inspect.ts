/** `circuit-tuning inspect <model>`: what a model is, how many nodes and edges it has, and what memory its uses need. */
import {
  attributionMethods,
  nodesOf,
  openModel,
  parameterCount,
  type AttributionMethod,
  type Convention,
  type ModelConfig,
  type WeightDType,
} from '@circuit-tuning/core';
import { Option, type Command } from 'commander';
import { printJson } from './conduct.js';
import { addDType, type DTypeFlag } from './dtype.js';
import { nodeFolder } from './files.js';
import { memoryOfCommands, type CommandMemory } from './commandMemory.js';
import { memoryFactsHere } from './memoryBudget.js';
import { modelPath } from './prepare.js';
import { bytes, number, table } from './table.js';
import { byteCount, count } from './values.js';

const conventions = ['eap-ig', 'circuit-tuning'] as const;

interface InspectFlags extends DTypeFlag {
  readonly graph: Convention;
  readonly batchSize: number;
  readonly length?: number;
  readonly optimizer: 'sgd' | 'adamw';
  readonly method: AttributionMethod;
  readonly positions: 'all' | 'answer';
  readonly topN?: number;
  readonly memory?: number;
  readonly json?: true;
}

export function addInspect(program: Command): void {
  addDType(program.command('inspect'))
    .argument('<model>', "model folder, 'embedded', or org/name in the Hugging Face cache")
    .description('show config, parameters, nodes and edges, and the memory each command needs on this adapter')
    .addOption(new Option('--graph <convention>', 'whose memory is planned').choices(conventions).default('eap-ig'))
    .option('--batch-size <n>', 'examples of a batch', count('--batch-size', 1), 16)
    .option('--length <n>', 'tokens of the longest example (64, or the context)', count('--length', 1))
    .addOption(new Option('--optimizer <name>', 'whose states are planned').choices(['sgd', 'adamw']).default('sgd'))
    .addOption(new Option('--method <name>', 'how edges are scored').choices(attributionMethods).default('EAP'))
    .addOption(new Option('--positions <which>', 'whose scores add up').choices(['all', 'answer']).default('all'))
    .option('--top-n <n>', 'edges that a search keeps (a tenth of the graph)', count('--top-n', 1))
    .option('--memory <size>', 'say which uses take more than this, as in 2GiB', byteCount('--memory'))
    .option('--json', 'print it for machines')
    .action(async (name: string, flags: InspectFlags) => {
      const found = await inspect(name, flags);
      if (flags.json) printJson(found);
      else process.stdout.write(report(found));
    });
}

interface Inspection {
  readonly model: string;
  readonly config: ModelConfig;
  readonly parameters: number;
  readonly tokenizer: boolean;
  readonly graphs: readonly {
    graph: Convention;
    nodes: number;
    sources: number;
    reads: number;
    edges: number;
    mlp_groups: number;
  }[];
  readonly adapter: string;
  readonly batch_size: number;
  readonly length: number;
  /** What weights lie there as; of uses that tune, f32 always. */
  readonly dtype: WeightDType;
  readonly method: AttributionMethod;
  readonly positions: 'all' | 'answer';
  /** By command: bytes on the device at the most, one target an example; or why it does not fit. */
  readonly memory: Readonly<Record<string, CommandMemory['use']>>;
  /** Commands that take more than `--memory`, and what would do. */
  readonly above_memory: Readonly<Record<string, string>>;
}

async function inspect(name: string, flags: InspectFlags): Promise<Inspection> {
  const { graph, batchSize, length, optimizer, method, positions, topN, memory, dtype = 'f32' } = flags;
  const path = await modelPath(name);
  const folder = nodeFolder(path);
  const base = await openModel(folder);
  const { config, tokenizer } = base;
  const { adapter, ...facts } = await memoryFactsHere();
  const T = length ?? Math.min(64, config.T);
  const how = { graph, batchSize, length: T, optimizer, method, positions, topN, dtype };
  const commands = await memoryOfCommands(base, how, facts, memory);
  return {
    model: path,
    config,
    parameters: parameterCount(config),
    tokenizer: tokenizer !== undefined,
    graphs: conventions.map((convention) => {
      const { sources, reads, edgeCount, mlpGroups } = nodesOf(config, { convention });
      const names = new Set([...sources, ...reads.map((read) => read.replace(/<.*>$/, ''))]);
      return {
        graph: convention,
        nodes: names.size,
        sources: sources.length,
        reads: reads.length,
        edges: edgeCount,
        mlp_groups: mlpGroups,
      };
    }),
    adapter,
    batch_size: batchSize,
    length: T,
    dtype,
    method,
    positions,
    memory: Object.fromEntries(Object.entries(commands).map(([name, { use }]) => [name, use])),
    above_memory: Object.fromEntries(
      Object.entries(commands).flatMap(([name, { above }]) => (above === undefined ? [] : [[name, above]])),
    ),
  };
}

const HINT =
  'Less of states and temporaries: --batch-size, --length; of scores: --positions answer. With --memory 2GiB, here or on\n' +
  'the command itself, what takes more is told which of them would do. `run` plans from its own file and tasks.\n';

const about: Readonly<Record<string, string>> = {
  L: 'layers',
  D: 'residual stream width',
  H: 'heads',
  K: 'key/value heads',
  E: 'head width',
  F: 'MLP neurons',
  V: 'vocabulary',
  T: 'longest context',
};

function report(found: Inspection): string {
  const { config, memory, above_memory: above } = found;
  const letters = Object.entries(about).map(([letter, meaning]) => [
    `${meaning} (${letter})`,
    number(config[letter as keyof ModelConfig] as number),
  ]);
  const { modelType, norm, act, position, tied } = config;
  const kinds = [
    ['family', modelType],
    ['norm', norm],
    [
      'positions',
      position.kind === 'rope'
        ? `rope, theta ${number(position.theta)}${position.scaling ? ', scaled' : ''}`
        : 'learned',
    ],
    ['activation', act],
    ['embeddings', tied ? 'tied' : 'untied'],
    ['tokenizer', found.tokenizer ? 'yes' : 'none: give tasks as token ids'],
    ['parameters', number(found.parameters)],
  ];
  const graphs = found.graphs.map(({ graph, nodes, sources, reads, edges }) => [
    graph,
    ...[nodes, sources, reads, edges].map(number),
  ]);
  const uses = Object.entries(memory).map(([use, needs]) =>
    typeof needs === 'string'
      ? [use, 'does not fit']
      : [
          use in above ? `${use} (above --memory)` : use,
          ...[needs.parameters, needs.states, needs.temporaries, needs.total].map(bytes),
        ],
  );
  const refusals = Object.entries(memory).flatMap(([use, needs]) =>
    typeof needs === 'string' ? [`${use}: ${needs}\n`] : [],
  );
  const asked = [
    `${found.batch_size} examples of ${found.length} tokens`,
    `edges scored by ${found.method} over ${found.positions === 'all' ? 'all positions' : 'answer positions'}`,
    ...(found.dtype === 'f16' ? ['weights as f16 where nothing is tuned'] : []),
  ].join(', ');
  const cures = Object.values(above).map((cure) => `${cure}\n`);
  return [
    `${found.model}\n`,
    table(['model', ''], [...kinds, ...letters] as string[][]),
    table(['graph', 'nodes', 'sources', 'reads', 'edges'], graphs),
    `Memory on ${found.adapter} for ${asked}:\n`,
    table(['command', 'parameters', 'states', 'temporaries', 'total'], uses),
    ...refusals,
    ...cures,
    HINT,
  ].join('\n');
}
