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
import { parameterShapes } from './parameters.js';
import { ropeFrequencies } from './rope.js';
import { ROPE_FREQUENCIES, type Architecture } from './transformer.js';
import { chunkName, isChunked, vocabularyChunks, type Chunk } from './vocabulary.js';
import type { Parameters } from './weights.js';

/** Programs kept: a tuning run with a search needs about six. EAP-IG-activations has two a layer besides. */
const programsOf = ({ L }: ModelConfig): number => 12 + 2 * L;

export class DeviceModel implements Parameters {
  readonly session: Session;
  readonly config: ModelConfig;
  readonly chunks: readonly Chunk[];
  /** The buffers that hold the parameters, several in each. */
  readonly arenas: readonly Arena[];
  readonly #programs = new Map<string, Promise<Program>>();

  private constructor(session: Session, config: ModelConfig) {
    this.session = session;
    this.config = config;
    this.chunks = vocabularyChunks(config, session.capabilities);
    this.arenas = parameterArenas(this, session.capabilities);
  }

  /** Uploads every parameter, one at a time. */
  static async load(
    session: Session,
    config: ModelConfig,
    weights: Parameters,
    onProgress: (done: number, of: number) => void = () => {},
  ): Promise<DeviceModel> {
    requireFits(config, session);
    const model = new DeviceModel(session, config);
    packArenas(session, model.arenas);
    const { position, E } = config;
    if (position.kind === 'rope') session.write(ROPE_FREQUENCIES, ropeFrequencies(position, E));
    const parameters = parameterShapes(config);
    await session.during('load', async () => {
      for (const [i, { name }] of parameters.entries()) {
        await model.write(name, weights);
        onProgress(i + 1, parameters.length);
      }
    });
    session.check();
    return model;
  }

  /** Uploads one parameter, chunk by chunk where it is split. */
  async write(name: string, from: Parameters): Promise<void> {
    if (!isChunked(name)) this.session.write(name, await from.read(name));
    else
      for (const [i, { first, rows }] of this.chunks.entries())
        this.session.write(chunkName(name, i), await from.read(name, { from: first, to: first + rows }));
  }

  /** Uploads every parameter of a model of the same shapes, over the ones that are there. */
  async writeAll(from: Parameters): Promise<void> {
    for (const { name } of parameterShapes(this.config)) await this.write(name, from);
  }

  /** Values of a canonical parameter as they are now; of one that is not split, only the rows asked for are fetched. */
  async read(name: string, rows?: Rows): Promise<Float32Array<ArrayBuffer>> {
    const width = parameterShapes(this.config).find((parameter) => parameter.name === name)?.shape[1] ?? 1;
    if (rows && !isChunked(name)) return this.session.readPart(name, rows.from * width, rows.to * width);
    const names = isChunked(name) ? this.chunks.map((_, i) => chunkName(name, i)) : [name];
    const parts = [...(await this.session.readAll(names)).values()];
    const all = new Float32Array(parts.reduce((sum, part) => sum + part.length, 0));
    let at = 0;
    for (const part of parts) {
      all.set(part, at);
      at += part.length;
    }
    return rows ? all.slice(rows.from * width, rows.to * width) : all;
  }

  architecture(shape: { B: number; T: number }, mlpGroups = 1): Architecture {
    return { config: this.config, chunks: this.chunks, mlpGroups, ...shape };
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

/** Told before the first byte is uploaded. */
function requireFits(config: ModelConfig, { capabilities }: Session): void {
  for (const { name, shape } of parameterShapes(config)) {
    const bytes = 4 * shape.reduce((n, size) => n * size, 1);
    if (!isChunked(name)) requireBindable({ name, shape, isParameter: true, bytes }, capabilities.limits);
  }
}
