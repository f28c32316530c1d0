/** A model whose parameters lie on a device, and the programs compiled for it. */
import type { Graph } from '../graph/graph.js';
import type { Value } from '../graph/value.js';
import type { Rows } from '../io/safetensors.js';
import type { Handed } from '../plan/plan.js';
import type { Program } from '../run/program.js';
import { requireBindable } from '../plan/bindable.js';
import type { Session } from '../run/session.js';
import type { ModelConfig } from './config.js';
import { packArenas, parameterArenas, type Arena } from './arenas.js';
import { parameterShapes, storedAs, type ParameterShape, type WeightDType } from './parameters.js';
import { ropeFrequencies } from './rope.js';
import { ROPE_FREQUENCIES, type Architecture } from './transformer.js';
import { chunkName, isChunked, vocabularyChunks, type Chunk } from './vocabulary.js';
import { fromMemory, toMemory, wordsOf, type Stored } from './stored.js';
import type { Parameters } from './weights.js';

/** Programs kept: a tuning run with a search needs about six. EAP-IG-activations has two a layer besides. */
const programsOf = ({ L }: ModelConfig): number => 12 + 2 * L;

export interface LoadOptions {
  /** What matrices and embeddings lie on the device as: 'f16' rounds them, takes half the memory, and is read only. */
  readonly dtype?: WeightDType | undefined;
  readonly onProgress?: ((done: number, of: number) => void) | undefined;
}

export class DeviceModel implements Parameters {
  readonly session: Session;
  readonly config: ModelConfig;
  readonly dtype: WeightDType;
  readonly chunks: readonly Chunk[];
  /** The buffers that hold the parameters, several in each. */
  readonly arenas: readonly Arena[];
  readonly #shapes: ReadonlyMap<string, ParameterShape>;
  readonly #programs = new Map<string, Promise<Program>>();

  private constructor(session: Session, config: ModelConfig, dtype: WeightDType) {
    this.session = session;
    this.config = config;
    this.dtype = dtype;
    this.#shapes = new Map(parameterShapes(config).map((parameter) => [parameter.name, parameter]));
    this.chunks = vocabularyChunks(config, session.capabilities);
    this.arenas = parameterArenas(this, session.capabilities);
  }

  /**
   * Uploads every parameter, one at a time.
   * @throws LimitError; WeightError where a number is beyond what `dtype` holds, and what reading the weights throws
   */
  static async load(
    session: Session,
    config: ModelConfig,
    weights: Parameters,
    { dtype = 'f32', onProgress = () => {} }: LoadOptions = {},
  ): Promise<DeviceModel> {
    const model = DeviceModel.unfilled(session, config, dtype);
    const names = [...model.#shapes.keys()];
    await session.during('load', async () => {
      for (const [i, name] of names.entries()) {
        await model.write(name, weights);
        onProgress(i + 1, names.length);
      }
    });
    session.check();
    return model;
  }

  /** With memory for its parameters and nothing in it: all that counting takes. */
  static unfilled(session: Session, config: ModelConfig, dtype: WeightDType = 'f32'): DeviceModel {
    requireFits(config, session);
    const model = new DeviceModel(session, config, dtype);
    packArenas(session, model.arenas);
    const { position, E } = config;
    if (position.kind === 'rope') session.write(ROPE_FREQUENCIES, ropeFrequencies(position, E));
    return model;
  }

  /** Uploads one parameter, chunk by chunk where it is split. */
  async write(name: string, from: Parameters): Promise<void> {
    const stored = this.#stored(name);
    if (!isChunked(name)) this.session.write(name, toMemory(await from.read(name), stored));
    else
      for (const [i, { first, rows }] of this.chunks.entries()) {
        const values = await from.read(name, { from: first, to: first + rows });
        this.session.write(chunkName(name, i), toMemory(values, stored, first));
      }
  }

  /** Uploads every parameter of a model of the same shapes, over the ones that are there. */
  async writeAll(from: Parameters): Promise<void> {
    for (const name of this.#shapes.keys()) await this.write(name, from);
  }

  /** Values of a canonical parameter as they are now; of one that is not split, only the rows asked for are fetched. */
  async read(name: string, rows?: Rows): Promise<Float32Array<ArrayBuffer>> {
    const { height, width, dtype } = this.#stored(name);
    const within = rows && { from: rows.from * width, to: rows.to * width };
    if (within && !isChunked(name)) {
      const words = wordsOf(within, dtype);
      return fromMemory(await this.session.readPart(name, words.from, words.to), dtype, within);
    }
    const names = isChunked(name) ? this.chunks.map((_, i) => chunkName(name, i)) : [name];
    const read = await this.session.readAll(names);
    const parts = names.map((held, i) => {
      const rowsHeld = isChunked(name) ? this.chunks[i]!.rows : height;
      return fromMemory(read.get(held)!, dtype, { from: 0, to: rowsHeld * width });
    });
    const all = new Float32Array(parts.reduce((sum, part) => sum + part.length, 0));
    let at = 0;
    for (const part of parts) {
      all.set(part, at);
      at += part.length;
    }
    return within ? all.slice(within.from, within.to) : all;
  }

  #stored(name: string): Stored {
    const { shape, kind } = this.#shapes.get(name)!;
    return { name, height: shape[0]!, width: shape[1] ?? 1, dtype: storedAs(kind, this.dtype) };
  }

  architecture(shape: { B: number; T: number }, mlpGroups = 1): Architecture {
    return { config: this.config, chunks: this.chunks, dtype: this.dtype, mlpGroups, ...shape };
  }

  /** The program of that key, compiled on first use; the least recently used one makes room. */
  async program(key: string, build: () => Handed & { graph: Graph; fetch?: Record<string, Value> }): Promise<Program> {
    let program = this.#programs.get(key);
    if (program && !this.session.isCurrent(await program)) {
      (await program).dispose();
      program = undefined;
    }
    if (program) this.#programs.delete(key);
    else {
      const { graph, fetch, ...handed } = build();
      program = this.session.compile(graph, fetch, handed);
      const [oldest] = this.#programs.keys();
      if (this.#programs.size >= programsOf(this.config) && oldest !== undefined) {
        const leaving = this.#programs.get(oldest)!;
        this.#programs.delete(oldest);
        void leaving.then((old) => old.dispose());
      }
    }
    this.#programs.set(key, program);
    return program;
  }

  dispose(): void {
    for (const program of this.#programs.values()) void program.then((it) => it.dispose());
    this.#programs.clear();
  }
}

/** Told before the first byte is uploaded. As f32, whatever is stored: so products bind what they read. */
function requireFits(config: ModelConfig, { capabilities }: Session): void {
  for (const { name, shape } of parameterShapes(config)) {
    const bytes = 4 * shape.reduce((n, size) => n * size, 1);
    if (!isChunked(name)) requireBindable({ name, shape, isParameter: true, bytes }, capabilities.limits);
  }
}
