/**
 * Low-rank adapters (Hu et al. 2021, https://arxiv.org/abs/2106.09685): a weight is W + s·B·A with W frozen. A and B are
 * parameters of their own beside the model's; the frozen W lies under a name of its own, so that the model's own name can
 * hold the merged weight whenever somebody measures, saves or asks.
 *
 * A begins at random and B at nought, as PEFT has it: A [r, in] uniform in ±1/√in, B [out, r]. Our weights are [units, D]:
 * one that reads is [out, in], one that writes (W_O, W_out) is [in, out], so there the factors change sides.
 */
import { Graph } from '../graph/graph.js';
import type { Value } from '../graph/value.js';
import type { ModelConfig } from '../model/config.js';
import { arenasOf, packArenas, type Arena } from '../model/arenas.js';
import type { DeviceModel } from '../model/deviceModel.js';
import { parameterShapes, type ParameterShape } from '../model/parameters.js';
import { PlainStream, type Read, type Write } from '../model/stream.js';
import { add, matmulNN, scale } from '../ops/index.js';
import { Random } from '../task/random.js';
import type { Part } from './part.js';

export interface LoraOptions {
  readonly rank: number;
  /** s = alpha / rank. */
  readonly alpha: number;
}

interface Adapted {
  readonly weight: string;
  readonly U: number;
  readonly D: number;
  /** W ≈ left [U, r] · right [r, D]. */
  readonly left: string;
  readonly right: string;
  /** Inputs of the linear map, and the factor that begins at random. */
  readonly fanIn: number;
  readonly random: 'left' | 'right';
}

/** The rank is part of the name: buffers of two ranks differ in size, and programs hold on to theirs. */
export const adapterNames = (weight: string, rank: number): { A: string; B: string } => ({
  A: `lora${rank}_A.${weight}`,
  B: `lora${rank}_B.${weight}`,
});

export const isWriting = (weight: string): boolean => /\.W_(O|out)$/.test(weight);

function adapted(weight: string, [U, D]: readonly number[], rank: number): Adapted {
  const { A, B } = adapterNames(weight, rank);
  const common = { weight, U: U!, D: D! };
  return isWriting(weight)
    ? { ...common, left: A, right: B, fanIn: U!, random: 'left' }
    : { ...common, left: B, right: A, fanIn: D!, random: 'right' };
}

/** All matrices of the blocks. */
export const adaptedWeights = (config: ModelConfig): ParameterShape[] =>
  parameterShapes(config).filter(({ kind }) => kind === 'matrix');

const adaptedOf = (config: ModelConfig, rank: number): Adapted[] =>
  adaptedWeights(config).map(({ name, shape }) => adapted(name, shape, rank));

export const adapterCount = (config: ModelConfig, rank: number): number =>
  adaptedOf(config, rank).reduce((sum, { U, D }) => sum + rank * (U + D), 0);

/** The rank whose adapters have as many parameters as asked, as nearly as ranks go. */
export const rankFor = (config: ModelConfig, parameters: number): number =>
  Math.max(1, Math.round(parameters / adapterCount(config, 1)));

const frozenName = (weight: string): string => `frozen.${weight}`;

/** Copies the weights as they are now aside, and begins adapters that change nothing yet. */
export async function beginAdapters(model: DeviceModel, { rank }: LoraOptions, seed: number): Promise<void> {
  await freeze(model);
  const adapters = adaptedOf(model.config, rank);
  packArenas(model.session, adapterArenas(model, { rank }));
  for (const [i, { left, right, U, D, fanIn, random }] of adapters.entries()) {
    const source = new Random(seed, 0x10ba_0000 + i);
    const start = (length: number): Float32Array<ArrayBuffer> => {
      const values = new Float32Array(length);
      for (let at = 0; at < length; at++) values[at] = (2 * source.float() - 1) / Math.sqrt(fanIn);
      return values;
    };
    model.session.write(left, random === 'left' ? start(U * rank) : new Float32Array(U * rank));
    model.session.write(right, random === 'right' ? start(rank * D) : new Float32Array(rank * D));
  }
}

/** The model must hold the weights that adapters add to. */
export async function freeze(model: DeviceModel): Promise<void> {
  for (const { name } of adaptedWeights(model.config)) model.session.write(frozenName(name), await model.read(name));
}

/** What is trained. */
export const adapterParts = (config: ModelConfig, { rank }: Pick<LoraOptions, 'rank'>): Part[] =>
  adaptedOf(config, rank).flatMap(({ left, right, U, D }) =>
    [
      { name: left, shape: [U, rank] },
      { name: right, shape: [rank, D] },
    ].map((it) => ({ ...it, mask: new Float32Array(it.shape[0]!).fill(1) })),
  );

/** The buffers that hold them. The rank is part of the name here too. */
export const adapterArenas = ({ config, session }: DeviceModel, { rank }: Pick<LoraOptions, 'rank'>): Arena[] =>
  arenasOf(`lora${rank}`, adapterParts(config, { rank }), session.capabilities);

function formed(graph: Graph, W: Value, { rank, alpha }: LoraOptions): Value {
  const { weight, left, right, U, D } = adapted(W.name, W.shape, rank);
  const label = { label: `${weight}.lora` };
  const a = graph.param(left, [U, rank]);
  const b = graph.param(right, [rank, D]);
  const s = alpha / rank;
  const scaled = s === 1 ? a : graph.call(scale, { x: a }, { ...label, attrs: { s } }).y;
  const change = graph.call(matmulNN, { a: scaled, b }, label).y!;
  return graph.call(add, { a: graph.param(frozenName(weight), [U, D]), b: change }, label).y!;
}

/** A stream whose weights are formed from frozen ones and adapters. */
export class LoraStream extends PlainStream {
  readonly #options: LoraOptions;

  constructor(graph: Graph, options: LoraOptions) {
    super(graph);
    this.#options = options;
  }

  override read(read: Read): Value[] {
    const projections = read.projections.map((it) => ({ ...it, W: formed(this.graph, it.W, this.#options) }));
    return super.read({ ...read, projections });
  }

  override write(write: Write): void {
    super.write({ ...write, W: formed(this.graph, write.W, this.#options) });
  }
}

/** Puts W + s·B·A under the model's own names. Adapters and frozen weights stay as they are. */
export async function mergeAdapters(model: DeviceModel, options: LoraOptions): Promise<void> {
  const { graph, fetch } = mergeGraph(model.config, options);
  const program = await model.program(JSON.stringify(['lora.merge', options]), () => ({ graph, fetch }));
  const merged = await program.run({});
  for (const [weight, values] of Object.entries(merged)) model.session.write(weight, values);
}

/** The merge of every adapted weight, by its name. */
export function mergeGraph(
  config: ModelConfig,
  options: LoraOptions,
): { readonly graph: Graph; readonly fetch: Record<string, Value> } {
  const graph = new Graph();
  const shapes = adaptedWeights(config).map(({ name, shape }) => graph.param(name, shape));
  return { graph, fetch: Object.fromEntries(shapes.map((W) => [W.name, formed(graph, W, options)])) };
}
