/**
 * Which rows of which parameters a node owns. Weights are [units, D], so a node's slice is a range of rows:
 *
 *   writes: head → its E rows of W_O, and b_O (shared by the layer's heads) · MLP → W_out and b_out, or its block of rows
 *   reads:  q, k, v → their E rows of W_Q, W_K, W_V and of the biases (K and V rows belong to a key/value head)
 *           MLP → W_in (and W_gate) with b_in, or the block's rows of the one it reads through
 *   never:  embeddings, positions, norms, unembedding
 */
import { ConfigError } from '../errors.js';
import type { ModelConfig } from '../model/config.js';
import { parameterShapes } from '../model/parameters.js';
import { endsOf, type Circuit, type Ends } from './circuit.js';
import { nodeOfRead, type Nodes, type ReadGroup, type SourceGroup } from './nodes.js';

export interface Slice {
  readonly parameter: string;
  /** Rows [from, to). A bias that nodes share counts as one row. */
  readonly from: number;
  readonly to: number;
}

/** Parameter → mask [U], 1 where it is tuned; parameters without a tuned row are absent. */
export type Masks = ReadonlyMap<string, Float32Array<ArrayBuffer>>;

/** Rows that a mask of this parameter has: biases that are shared, norms and the like go as one. */
export function maskRows(name: string, shape: readonly number[]): number {
  return shape.length === 2 || /\.b_(Q|K|V|gate|in)$/.test(name) ? shape[0]! : 1;
}

export const slicesOf = (circuit: Circuit): Slice[] => slicesOfEnds(circuit.nodes, endsOf(circuit));

/**
 * The rows that one node owns, writing and reading, or one read of it by its own name (`a3.h5<q>`); none for `input` and
 * `logits`.
 * @throws ConfigError where the graph has no such node.
 */
export function slicesOfNode(nodes: Nodes, name: string): Slice[] {
  const at = (names: readonly string[], isIt: (name: string) => boolean): number[] =>
    names.flatMap((it, i) => (isIt(it) ? [i] : []));
  const ends = {
    sources: at(nodes.sources, (it) => it === name),
    reads: at(nodes.reads, (it) => it === name || nodeOfRead(it) === name),
  };
  if (ends.sources.length + ends.reads.length === 0)
    throw new ConfigError({
      where: `node ${name}`,
      rule: `must be one of the ${nodes.convention} graph`,
      got: 'an unknown name',
      cure: 'Heads are called a0.h1, MLPs m0, their blocks of neurons m0.b1',
    });
  return slicesOfEnds(nodes, ends);
}

/** The rows that these sources and reads own. */
export function slicesOfEnds(nodes: Nodes, { sources, reads }: Ends): Slice[] {
  const groups = <G extends SourceGroup | ReadGroup>(all: readonly G[], index: number): { group: G; i: number } => {
    const group = all.find(({ first, count }) => index >= first && index < first + count)!;
    return { group, i: index - group.first };
  };
  return [
    ...sources.flatMap((s) => writerSlices(nodes, groups(nodes.sourceGroups, s))),
    ...reads.flatMap((r) => readerSlices(nodes, groups(nodes.readGroups, r))),
  ];
}

function writerSlices(
  { config }: Nodes,
  { group: { at, layer, count }, i }: { group: SourceGroup; i: number },
): Slice[] {
  if (at === 'input') return [];
  const [weight, bias] = at === 'attn' ? ['attn.W_O', 'attn.b_O'] : ['mlp.W_out', 'mlp.b_out'];
  const width = (at === 'attn' ? config.H * config.E : config.F) / count;
  const rows = { parameter: `blocks.${layer}.${weight}`, from: i * width, to: (i + 1) * width };
  return config.outBias ? [rows, { parameter: `blocks.${layer}.${bias}`, from: 0, to: 1 }] : [rows];
}

function readerSlices({ config }: Nodes, { group: { at, layer, count }, i }: { group: ReadGroup; i: number }): Slice[] {
  if (at === 'logits') return [];
  const isAttention = at === 'q' || at === 'k' || at === 'v';
  const width = isAttention ? config.E : config.F / count;
  const names =
    at === 'mlp' ? (config.act === 'swiglu' ? ['gate', 'in'] : ['in']) : [isAttention ? at.toUpperCase() : at];
  const hasBias = isAttention ? config.qkvBias : config.outBias;
  return names.flatMap((name) => {
    const place = `blocks.${layer}.${isAttention ? 'attn' : 'mlp'}`;
    const rows = { from: i * width, to: (i + 1) * width };
    const weight = { parameter: `${place}.W_${name}`, ...rows };
    return hasBias ? [weight, { parameter: `${place}.b_${name}`, ...rows }] : [weight];
  });
}

export const masksOf = (circuit: Circuit): Masks => masksOfSlices(circuit.nodes.config, slicesOf(circuit));

export function masksOfSlices(config: ModelConfig, slices: readonly Slice[]): Masks {
  const shapes = new Map(parameterShapes(config).map(({ name, shape }) => [name, shape]));
  const masks = new Map<string, Float32Array<ArrayBuffer>>();
  for (const { parameter, from, to } of slices) {
    let mask = masks.get(parameter);
    if (!mask) masks.set(parameter, (mask = new Float32Array(maskRows(parameter, shapes.get(parameter)!))));
    mask.fill(1, from, to);
  }
  return masks;
}

/** Masks that tune everything, embeddings and norms included: full fine-tuning. */
export const fullMasks = (config: ModelConfig): Masks =>
  new Map(parameterShapes(config).map(({ name, shape }) => [name, new Float32Array(maskRows(name, shape)).fill(1)]));

/** How many numbers the masks tune. */
export function countTuned(config: ModelConfig, masks: Masks): number {
  let count = 0;
  for (const { name, shape } of parameterShapes(config)) {
    const mask = masks.get(name);
    if (!mask) continue;
    const width = shape.reduce((n, size) => n * size, 1) / mask.length;
    count += width * mask.reduce((rows, on) => rows + on, 0);
  }
  return count;
}

export const tunedParameters = (circuit: Circuit): number => countTuned(circuit.nodes.config, masksOf(circuit));
