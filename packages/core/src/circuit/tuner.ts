/** Masked updates of a model on a device: the masks of a circuit in, steps out. */
import { ConfigError } from '../errors.js';
import type { Graph } from '../graph/graph.js';
import type { DeviceModel } from '../model/deviceModel.js';
import { parameterShapes } from '../model/parameters.js';
import { chunkName, isChunked } from '../model/vocabulary.js';
import type { Fetched } from '../run/program.js';
import type { Batch } from '../task/batch.js';
import { feedObjective, feedSide } from '../task/feed.js';
import { valueOf, type Objective } from '../task/objective.js';
import { adapterParts, LoraStream, type LoraOptions } from './lora.js';
import { hyperTensor, maskName, optimizerStates, stateName, type Hyper } from './optimizer.js';
import type { Masks } from './slices.js';
import { applyGraph, partsOf, trainGraph, type Part, type Tuned } from './trainGraph.js';

export interface StepResult {
  /** The training objective on this step's batches, before the update. */
  readonly loss: number;
  /** Norm of the gradient of the tuned rows, where it is clipped. */
  readonly gradNorm?: number;
}

export class Tuner {
  readonly #model: DeviceModel;
  readonly #hyper: Hyper;
  #tuned: readonly Tuned[] = [];
  #adapters: LoraOptions | undefined;

  constructor(model: DeviceModel, hyper: Hyper) {
    this.#model = model;
    this.#hyper = hyper;
  }

  /** From the next step on, only rows with mask 1 move; all others keep every bit, and so does their optimizer state. */
  setMasks(masks: Masks): void {
    this.#setParts(partsOf(this.#model, masks));
    this.#adapters = undefined;
  }

  /** From the next step on, adapters move in place of the model's own parameters; they must be on the device. */
  setAdapters(options: LoraOptions): void {
    this.#setParts(adapterParts(this.#model.config, options));
    this.#adapters = options;
  }

  #setParts(parts: readonly Part[]): void {
    for (const { name, mask } of parts) this.#model.session.write(maskName(name), mask);
    this.#tuned = parts;
    if (this.#tuned.length === 0)
      throw new ConfigError({
        where: 'tune',
        rule: 'the circuit must own at least one parameter',
        got: 'edges between nodes without any (input, logits)',
        cure: 'Raise --top-n',
      });
  }

  /** One update from the mean over the batches' objectives (their weights must already average over all of them). */
  step(batches: readonly Batch[], objectives: readonly Objective[], lr: number): Promise<StepResult> {
    return this.#model.session.during('step', () => this.#step(batches, objectives, lr));
  }

  async #step(batches: readonly Batch[], objectives: readonly Objective[], lr: number): Promise<StepResult> {
    const [batch, ...more] = batches;
    const single = more.length === 0;
    if (!single) this.#model.session.clear(...this.#tuned.map(({ name }) => stateName('grad', name)));
    const update = { hyper: hyperTensor(this.#hyper, lr), norm2: new Float32Array(1) };
    let loss = 0;
    let last: Fetched = {};
    for (const [i, micro] of [batch!, ...more].entries()) {
      const objective = objectives[i]!;
      const program = await this.#train(micro, objective, single ? 'optimizer' : 'sum');
      last = await program.run({
        ...feedSide('clean.', micro.clean),
        ...feedObjective(objective, micro.B * micro.T),
        ...(single && update),
      });
      loss += valueOf(objective, last.picked!, last.lse!).total;
    }
    if (!single) last = await (await this.#apply()).run(update);
    return { loss, ...(last.norm2 && { gradNorm: Math.sqrt(last.norm2[0]!) }) };
  }

  /** Zeros every optimizer state, as if no step had been taken: for the next method in one session. */
  clearState(): void {
    this.#model.session.clear(...this.#stateNames());
  }

  /** Adapters and every optimizer state that exists, by name: what a checkpoint must hold beside the model's parameters. */
  readState(): Promise<Map<string, Float32Array<ArrayBuffer>>> {
    const { session } = this.#model;
    return session.readAll([...this.#adapterNames(), ...this.#stateNames().filter((name) => session.has(name))]);
  }

  writeState(state: ReadonlyMap<string, Float32Array>): void {
    for (const [name, data] of state) this.#model.session.write(name, data);
  }

  #adapterNames(): string[] {
    return this.#adapters ? this.#tuned.map(({ name }) => name) : [];
  }

  #stateNames(): string[] {
    const own = parameterShapes(this.#model.config).flatMap(({ name }) =>
      isChunked(name) ? this.#model.chunks.map((_, i) => chunkName(name, i)) : [name],
    );
    return [...own, ...this.#adapterNames()].flatMap((name) =>
      optimizerStates[this.#hyper.optimizer].map((kind) => stateName(kind, name)),
    );
  }

  #train({ B, T }: Batch, { M, P }: Objective, into: 'optimizer' | 'sum') {
    const { optimizer, maxNorm } = this.#hyper;
    const options = { optimizer, isClipped: maxNorm > 0, into };
    const adapters = this.#adapters;
    const streamOf = adapters && ((graph: Graph) => new LoraStream(graph, adapters));
    const key = JSON.stringify(['train', B, T, M, P, options, adapters, this.#key()]);
    return this.#model.program(key, () =>
      trainGraph(this.#model.architecture({ B, T }), { M, P }, this.#tuned, options, streamOf),
    );
  }

  #apply() {
    const { optimizer, maxNorm } = this.#hyper;
    const key = JSON.stringify(['apply', optimizer, maxNorm > 0, this.#adapters, this.#key()]);
    return this.#model.program(key, () => applyGraph(this.#tuned, optimizer, maxNorm > 0));
  }

  #key(): string[] {
    return this.#tuned.map(({ name, isWhole }) => (isWhole ? name : `${name}*`));
  }
}
