/** What a search says of scores besides edges, where it is asked: of nodes, of the part of each position, of each example. */
import { byPosition, positionLabels, requirePositions, type PositionScores } from '../attribution/byPosition.js';
import { nodeScores, requireNodeGraph, type NodeScores } from '../attribution/nodeScores.js';
import type { Scores } from '../attribution/scores.js';
import type { Circuit } from '../circuit/circuit.js';
import { wholeGraph } from '../circuit/select.js';
import { edgeName } from '../circuit/nodes.js';
import { bytesFile, textFile, type OutputFile } from '../io/hfExport.js';
import type { DeviceModel } from '../model/deviceModel.js';
import { attributionMeta, attributionOf } from './attribution.js';
import { scorePartsFile } from './circuitFiles.js';
import type { Experiment } from './experiment.js';
import type { Prepared } from './prepared.js';

/** As `nodes.json` has it: the strongest node first. */
export interface NodesRecord {
  readonly nodes: readonly { readonly node: string; readonly score: number }[];
}

/** As `positions.json` has it: the edges of the circuit, the strongest first; `parts` has a number for each label. */
export interface PositionsRecord {
  readonly by: string;
  readonly labels: readonly string[];
  readonly edges: readonly { readonly edge: string; readonly score: number; readonly parts: readonly number[] }[];
}

export interface ScoreParts {
  readonly nodes?: NodesRecord;
  readonly positions?: PositionsRecord;
  /** By the names they have in the folder of the search. */
  readonly files: Readonly<Partial<Record<'nodes' | 'positions' | 'examples', readonly OutputFile[]>>>;
}

export const asksParts = ({ nodes, by_position: way, per_example: each }: Experiment['discovery']): boolean =>
  nodes || way !== undefined || each;

/** Before hours of work. @throws ConfigError or TaskError for parts that these scores do not have. */
export function requireParts({ nodes, search, experiment }: Pick<Prepared, 'nodes' | 'search' | 'experiment'>): void {
  const { discovery } = experiment;
  if (discovery.nodes) requireNodeGraph(nodes);
  if (discovery.by_position === undefined) return;
  requirePositions(discovery);
  for (const example of search) positionLabels(example, discovery.by_position);
}

/**
 * What the experiment asks for of the circuit that was found; of examples, `scores` must hold those of each.
 * @param tell reports progress of what is named to it.
 */
export async function scorePartsOf(
  model: DeviceModel,
  prepared: Prepared,
  { circuit, scores }: { readonly circuit: Circuit; readonly scores: Scores },
  tell: (what: string) => (done: number, of: number) => void,
): Promise<ScoreParts> {
  const { search, experiment } = prepared;
  const { nodes: asksNodes, by_position: way, per_example: each, batch_size: batchSize } = experiment.discovery;
  const options = { ...attributionOf(prepared), batchSize };
  const meta = Object.fromEntries(Object.entries(attributionMeta(prepared)).map(([key, value]) => [key, `${value}`]));
  const found: { nodes?: NodesRecord; positions?: PositionsRecord } = {};
  const files: Partial<Record<'nodes' | 'positions' | 'examples', OutputFile[]>> = {};
  if (asksNodes) {
    found.nodes = nodesRecord(
      await nodeScores(model, search, scores, { ...options, onProgress: tell('scoring nodes') }),
    );
    files.nodes = [textFile('nodes.json', `${JSON.stringify(found.nodes)}\n`)];
  }
  if (way !== undefined) {
    const parts = await byPosition(model, search, { ...options, way, onProgress: tell('scoring positions') });
    found.positions = positionsRecord(circuit, scores, parts);
    files.positions = [
      textFile('positions.json', `${JSON.stringify(found.positions)}\n`),
      bytesFile(
        'positions.safetensors',
        scorePartsFile(scores.nodes, 'positions', parts.labels, parts.values, { ...meta, by: way }),
      ),
    ];
  }
  if (each) {
    const ids = search.map(({ id }) => id);
    files.examples = [
      bytesFile('examples.safetensors', scorePartsFile(scores.nodes, 'examples', ids, scores.perExample!, meta)),
    ];
  }
  return { ...found, files };
}

/** What the parts allocate, whatever circuit is found. */
export async function rehearseParts(model: DeviceModel, prepared: Prepared): Promise<void> {
  const { nodes, search } = prepared;
  const values = new Float32Array(nodes.sources.length * nodes.reads.length);
  const scores = { nodes, values, metric: 0, examples: search.length, perExample: search.map(() => values) };
  await scorePartsOf(model, prepared, { circuit: wholeGraph(nodes), scores }, () => () => {});
}

function nodesRecord({ nodes, values }: NodeScores): NodesRecord {
  const order = nodes.map((_, s) => s).toSorted((a, b) => Math.abs(values[b]!) - Math.abs(values[a]!) || a - b);
  return { nodes: order.map((s) => ({ node: nodes[s]!, score: values[s]! })) };
}

const positionsRecord = (circuit: Circuit, { values }: Scores, parts: PositionScores): PositionsRecord => ({
  by: parts.way,
  labels: parts.labels,
  edges: [...circuit.edges]
    .toSorted((a, b) => Math.abs(values[b]!) - Math.abs(values[a]!) || a - b)
    .map((edge) => ({
      edge: edgeName(circuit.nodes, edge),
      score: values[edge]!,
      parts: parts.values.map((part) => part[edge]!),
    })),
});
