/** Masked updates of a model on a device: the masks of a circuit in, steps out. */
import { ConfigError } from '../errors.js';
import type { Graph } from '../graph/graph.js';
import { packArenas, type Arena } from '../model/arenas.js';
import type { DeviceModel } from '../model/deviceModel.js';
import type { Fetched, Program } from '../run/program.js';
import type { Batch } from '../task/batch.js';
import { feedObjective, feedSide } from '../task/feed.js';
import { valueOf, type Objective } from '../task/objective.js';
import { Forward } from './forward.js';
import { adapterArenas, adapterParts, LoraStream, type LoraOptions } from './lora.js';
import { hyperTensor, optimizerStates, type Hyper } from './optimizer.js';
import { packStates, unpackStates } from './savedStates.js';
import { fullMasks, type Masks } from '../circuit/slices.js';
import { StatePlaces } from './statePlaces.js';
import { applyGraph, heldName, trainGraph, type Tuned } from './trainGraph.js';
import type { Part, TunedPart } from './part.js';
import { gradRows, partsOf, placed, tunedArenas } from './tunedParts.js';

/** What is to be tuned. */
interface Target {
  readonly parts: readonly Part[];
  readonly arenas: readonly Arena[];
  /** Everything that could be, of which a checkpoint may hold states. */
  readonly all: () => readonly Part[];
  readonly adapters?: LoraOptions;
}

export interface StepResult {
  /** The training objective on this step's batches, before the update. */
  readonly loss: number;
  /** Norm of the gradient of the tuned rows, where it is clipped. */
  readonly gradNorm?: number;
}

export class Tuner {
  /** Two tuners of one session must not share names. */
  static #made = 0;
  readonly #model: DeviceModel;
  readonly #hyper: Hyper;
  readonly #prefix = `tuner${Tuner.#made++}`;
  #places = new StatePlaces();
  #target: Target | undefined;
  /** Of a checkpoint, until it is known what is tuned. */
  #given: ReadonlyMap<string, Float32Array> | undefined;
  #tuned: Tuned = { prefix: this.#prefix, parts: [], arenas: [] };
  /** Tells programs of different shapes apart. */
  #key = '';
  /** By B and T. */
  readonly #forwards = new Map<string, Forward>();

  /** @throws ConfigError where the weights lie on the device as f16 */
  constructor(model: DeviceModel, hyper: Hyper) {
    if (model.dtype !== 'f32')
      throw new ConfigError({
        where: 'tune',
        rule: 'weights must lie on the device as f32',
        got: model.dtype,
        cure: 'Leave the dtype at f32: an update is smaller than the steps of f16',
      });
    this.#model = model;
    this.#hyper = hyper;
  }

  /**
   * From the next step on, only rows with mask 1 move; all others keep every bit, and so does their optimizer state. Rows
   * that enter for the first time get one; of rows that never did, none is kept.
   */
  setMasks(masks: Masks): void {
    const parts = partsOf(this.#model, masks);
    this.#tune({ parts, arenas: this.#model.arenas, all: () => partsOf(this.#model, fullMasks(this.#model.config)) });
  }

  /** From the next step on, adapters move in place of the model's own parameters. */
  setAdapters(adapters: LoraOptions): void {
    const arenas = adapterArenas(this.#model, adapters);
    const parts = adapterParts(this.#model.config, adapters);
    packArenas(this.#model.session, arenas);
    this.#tune({ parts, arenas, all: () => parts, adapters });
  }

  #tune(target: Target): void {
    const { session } = this.#model;
    const { arenas, all } = target;
    const parts = placed(target.parts, arenas);
    if (parts.length === 0)
      throw new ConfigError({
        where: 'tune',
        rule: 'the circuit must own at least one parameter',
        got: 'edges between nodes without any (input, logits)',
        cure: 'Raise --top-n',
      });
    this.#target = target;
    this.#take(placed(all(), arenas));
    this.#places.hold(parts);
    this.#tuned = { prefix: this.#prefix, parts, arenas: tunedArenas(arenas, parts, this.#places) };
    for (const { name, rows } of parts) if (rows) session.write(this.#name('rows', name), rows);
    for (const { index, slices } of this.#tuned.arenas) session.write(this.#name('slices', index), slices);
    const shapes = parts.map((part) => [part.name, gradRows(part)]);
    const sizes = this.#tuned.arenas.map(({ index, states, units, slices }) => [index, states, units, slices.length]);
    this.#key = JSON.stringify([this.#prefix, target.adapters, shapes, sizes]);
  }

  /** Puts what a checkpoint holds on the device, where a parameter of these has it. */
  #take(parts: readonly TunedPart[]): void {
    const given = this.#given;
    if (!given) return;
    this.#given = undefined;
    const { session } = this.#model;
    for (const { name } of parts) if (given.has(name)) session.write(name, given.get(name)!);
    const found = unpackStates(parts, this.#places, optimizerStates[this.#hyper.optimizer], given);
    for (const { kind, arena, values } of found) session.write(this.#name(kind, arena), values);
  }

  /** One update from the mean over the batches' objectives (their weights must already average over all of them). */
  async step(batches: readonly Batch[], objectives: readonly Objective[], lr: number): Promise<StepResult> {
    const { result } = await this.send(batches, objectives, lr);
    return result;
  }

  /**
   * The same, done when all of it is on its way to the device, where the session may be ahead: what came of it follows.
   * @param given the forward pass of the only batch, of the parameters as they are, where a search has kept it.
   */
  send(
    batches: readonly Batch[],
    objectives: readonly Objective[],
    lr: number,
    given?: Forward,
  ): Promise<{ readonly result: Promise<StepResult> }> {
    const { session } = this.#model;
    return session.during('step', async () => {
      const runs = this.#send(batches, objectives, lr, given);
      if (session.mayBeAhead) return runs;
      const { result } = await runs;
      await result;
      return { result };
    });
  }

  async #send(batches: readonly Batch[], objectives: readonly Objective[], lr: number, given?: Forward) {
    const { session } = this.#model;
    const single = batches.length === 1;
    const update = { hyper: hyperTensor(this.#hyper, lr), norm2: new Float32Array(1) };
    const programs: Program[] = [];
    // All are compiled before the first is sent: whoever waits for a compiler is not in the middle of a step.
    for (const [i, micro] of batches.entries())
      programs.push(await this.#train(micro, objectives[i]!, single ? 'optimizer' : 'sum', given));
    const apply = single ? undefined : await this.#apply();
    if (!single) session.clear(...this.#tuned.arenas.map(({ index }) => this.#name('sum', index)));
    const runs: Promise<Fetched>[] = [];
    const take = async (run: Promise<Fetched>): Promise<void> => {
      runs.push(run);
      if (!session.mayBeAhead) await run;
    };
    for (const [i, micro] of batches.entries())
      await take(
        programs[i]!.run({
          ...feedSide('clean.', micro.clean),
          ...feedObjective(objectives[i]!, micro.B * micro.T),
          ...(single && update),
        }),
      );
    if (apply) await take(apply.run(update));
    const result = Promise.all(runs).then((fetched) => resultOf(fetched, objectives));
    // whoever asks is told; a run that is given up asks no more
    result.catch(() => {});
    return { result };
  }

  /** Forgets every optimizer state, as if no step had been taken. */
  clearState(): void {
    this.dispose();
    this.#places = new StatePlaces();
    if (this.#target) this.#tune(this.#target);
  }

  /** Adapters and every optimizer state that exists, by name: what a checkpoint must hold beside the model's parameters. */
  async readState(): Promise<Map<string, Float32Array<ArrayBuffer>>> {
    const { session } = this.#model;
    const adapters = this.#target?.adapters ? this.#tuned.parts.map(({ name }) => name) : [];
    const names = this.#stateNames().filter((name) => session.has(name));
    const all = await session.readAll([...adapters, ...names]);
    const states = packStates(this.#places, optimizerStates[this.#hyper.optimizer], (kind, arena) =>
      all.get(this.#name(kind, arena)),
    );
    return new Map([...adapters.map((name) => [name, all.get(name)!] as const), ...states]);
  }

  /**
   * Goes on from what `readState` gave.
   * @throws WeightError where a state does not fit the model, at the latest once it is told what to tune.
   */
  writeState(state: ReadonlyMap<string, Float32Array>): void {
    this.dispose();
    this.#places = new StatePlaces();
    this.#given = state;
    if (this.#target) this.#tune(this.#target);
  }

  /** The forward pass of a batch, for a search to keep and the step on the batch to take over. */
  forwardOf({ B, T }: Batch): Forward {
    const key = `${B} × ${T}`;
    let forward = this.#forwards.get(key);
    if (!forward) {
      forward = new Forward(this.#model.architecture({ B, T }), `${this.#prefix}.forward`);
      this.#forwards.set(key, forward);
    }
    return forward;
  }

  /** Gives back what the device holds for it: states, gradients, and which rows are tuned. */
  dispose(): void {
    const lists = this.#tuned.arenas.flatMap(({ index }) =>
      ['slices', 'grads', 'sum'].map((it) => this.#name(it, index)),
    );
    const rows = this.#tuned.parts.map(({ name }) => this.#name('rows', name));
    const kept = [...this.#forwards.values()].flatMap(({ states }) => states);
    for (const name of [...this.#stateNames(), ...lists, ...rows, ...kept]) this.#model.session.delete(name);
  }

  #name(what: string, of: string | number): string {
    return heldName(this.#tuned, what, of);
  }

  #stateNames(): string[] {
    return this.#places.arenas.flatMap((arena) =>
      optimizerStates[this.#hyper.optimizer].map((kind) => this.#name(kind, arena)),
    );
  }

  #train({ B, T }: Batch, { M, P, penalty }: Objective, into: 'optimizer' | 'sum', given: Forward | undefined) {
    const { optimizer, maxNorm } = this.#hyper;
    const options = { optimizer, isClipped: maxNorm > 0, into };
    const hasPenalty = penalty !== undefined;
    const adapters = this.#target?.adapters;
    const streamOf = adapters && ((graph: Graph) => new LoraStream(graph, adapters));
    const key = JSON.stringify(['train', B, T, M, P, hasPenalty, options, given?.prefix, this.#key]);
    return this.#model.program(key, () => {
      const built = trainGraph(
        this.#model.architecture({ B, T }),
        { M, P, hasPenalty },
        this.#tuned,
        options,
        streamOf,
      );
      return { ...built, ...(given && { given: given.in(built.graph) }) };
    });
  }

  #apply() {
    const { optimizer, maxNorm } = this.#hyper;
    const key = JSON.stringify(['apply', optimizer, maxNorm > 0, this.#key]);
    return this.#model.program(key, () => applyGraph(this.#tuned, optimizer, maxNorm > 0));
  }
}

function resultOf(fetched: readonly Fetched[], objectives: readonly Objective[]): StepResult {
  const loss = objectives.reduce(
    (sum, objective, i) => sum + valueOf(objective, fetched[i]!.picked!, fetched[i]!.lse!).total,
    0,
  );
  const { norm2 } = fetched.at(-1)!;
  return { loss, ...(norm2 && { gradNorm: Math.sqrt(norm2[0]!) }) };
}
