/** What `discover` says of scores besides edges: of nodes, of the parts that positions have, of each example. */
import {
  attributionOf,
  bytesFile,
  byPosition,
  edgeName,
  nodeScores,
  positionLabels,
  positionWays,
  requireNodeGraph,
  requirePositions,
  scorePartsFile,
  textFile,
  type Circuit,
  type DeviceModel,
  type NodeScores,
  type OutputFile,
  type PositionScores,
  type PositionWay,
  type Prepared,
  type Scores,
} from '@circuit-tuning/core';
import type { Table } from '@circuit-tuning/web/draw/static';
import { Option, type Command } from 'commander';
import { printedTable } from './analysis/print.js';
import { csv } from './analysis/tableFiles.js';

export interface PartFlags {
  readonly nodes?: true;
  readonly byPosition?: PositionWay;
  readonly perExample?: true;
}

export interface ScoreParts {
  readonly nodes?: NodeScores;
  readonly positions?: PositionScores;
}

export const addParts = (command: Command): Command =>
  command
    .option('--nodes', 'also scores of heads, MLPs or blocks of neurons: writes nodes.csv')
    .addOption(
      new Option(
        '--by-position <how>',
        'also what each position adds, by place or kind: writes positions.safetensors and .csv',
      ).choices(positionWays),
    )
    .option('--per-example', 'also the scores of each example: writes examples.safetensors');

/** Before hours of work. @throws ConfigError or TaskError for parts that these scores do not have. */
export function requireParts({ nodes, search, experiment }: Prepared, flags: PartFlags): void {
  if (flags.nodes) requireNodeGraph(nodes);
  if (flags.byPosition === undefined) return;
  requirePositions(experiment.discovery);
  for (const example of search) positionLabels(example, flags.byPosition);
}

export async function partsOf(
  model: DeviceModel,
  prepared: Prepared,
  scores: Scores,
  flags: PartFlags,
  tell: (what: string) => (done: number, of: number) => void,
): Promise<ScoreParts> {
  const { search, experiment } = prepared;
  const options = { ...attributionOf(prepared), batchSize: experiment.discovery.batch_size };
  const way = flags.byPosition;
  const onProgress = tell('scoring nodes');
  return {
    ...(flags.nodes && { nodes: await nodeScores(model, search, scores, { ...options, onProgress }) }),
    ...(way && {
      positions: await byPosition(model, search, { ...options, way, onProgress: tell('scoring positions') }),
    }),
  };
}

export function partFiles(
  { search }: Prepared,
  { circuit, scores }: { circuit: Circuit; scores: Scores },
  { nodes, positions }: ScoreParts,
  flags: PartFlags,
): OutputFile[] {
  return [
    ...(nodes ? [textFile('nodes.csv', csv(nodeTable(nodes)))] : []),
    ...(positions
      ? [
          textFile('positions.csv', csv(positionTable(circuit, scores, positions))),
          bytesFile(
            'positions.safetensors',
            scorePartsFile(scores.nodes, 'positions', positions.labels, positions.values, { by: positions.way }),
          ),
        ]
      : []),
    ...(flags.perExample
      ? [
          bytesFile(
            'examples.safetensors',
            scorePartsFile(scores.nodes, 'examples', search.map(({ id }) => id), scores.perExample!), // prettier-ignore
          ),
        ]
      : []),
  ];
}

/** The strongest first. */
export function nodeTable({ nodes, values }: NodeScores, top = nodes.length): Table {
  const order = nodes.map((_, s) => s).toSorted((a, b) => Math.abs(values[b]!) - Math.abs(values[a]!) || a - b);
  return {
    caption: 'Strongest nodes',
    columns: [{ head: 'node' }, { head: 'score', isNumber: true }],
    rows: order.slice(0, top).map((s) => [nodes[s]!, values[s]!]),
  };
}

/** Edges of the circuit, the strongest first, with a column for each position. */
export function positionTable(circuit: Circuit, { values }: Scores, positions: PositionScores, top?: number): Table {
  const edges = [...circuit.edges].toSorted((a, b) => Math.abs(values[b]!) - Math.abs(values[a]!) || a - b);
  return {
    caption: `Parts that positions have in the strongest edges, by ${positions.way}`,
    columns: [
      { head: 'edge' },
      { head: 'score', isNumber: true },
      ...positions.labels.map((head) => ({ head, isNumber: true })),
    ],
    rows: edges
      .slice(0, top ?? edges.length)
      .map((edge) => [edgeName(circuit.nodes, edge), values[edge], ...positions.values.map((part) => part[edge])]),
  };
}

/** Of positions only so many that a screen has room for them. */
export const printedParts = (circuit: Circuit, scores: Scores, { nodes, positions }: ScoreParts, top: number): string =>
  [
    ...(nodes ? [`\n${printedTable(nodeTable(nodes, top))}`] : []),
    ...(positions && positions.labels.length <= 8
      ? [`\n${printedTable(positionTable(circuit, scores, positions, top))}`]
      : []),
  ].join('');
