/**
 * Circuit-tuning (Li et al. 2025, https://arxiv.org/abs/2502.06106, algorithm 1): search a circuit, update only its
 * parameters, search again every K steps. An async generator: it yields what happened, whoever runs it decides how it looks.
 * Its order of batches, searches and draws follows from seed and step alone, so a run can go on from any step.
 */
import { DivergenceError } from '../errors.js';
import type { DeviceModel } from '../model/deviceModel.js';
import type { Batch } from '../task/batch.js';
import type { Example } from '../task/example.js';
import { nll, predictionCount } from '../task/losses.js';
import { Random } from '../task/random.js';
import { sameShape } from '../circuit/metric.js';
import { isOneForwardOf } from '../attribution/attribute.js';
import { jaccard, type Circuit } from '../circuit/circuit.js';
import { FORWARD_BYTES, type Forward } from './forward.js';
import { gradientsOf } from './gradients.js';
import { adapterCount, beginAdapters, freeze, mergeAdapters, rankFor, type LoraOptions } from './lora.js';
import { methodOf } from './methods/index.js';
import { extraSlices } from './methods/ownable.js';
import { learningRate } from './optimizer.js';
import { searchCircuit } from '../attribution/searchCircuit.js';
import { edgesAt } from '../circuit/select.js';
import type { AttributeOptions, Scores } from '../attribution/scores.js';
import { countTuned, fullMasks, masksOfSlices, slicesOf, tunedParameters, type Slice } from '../circuit/slices.js';
import { BUCKET, StepBatches } from './stepBatches.js';
import { requireTunable, type TuneOptions } from './tuneOptions.js';
import { Tuner, type StepResult } from './tuner.js';

export type TuneEvent =
  | {
      readonly kind: 'search';
      readonly step: number;
      readonly circuit: Circuit;
      readonly scores: Scores;
      /** Overlap of the edges found with those of the first search, and of the search before. */
      readonly jaccardFirst: number;
      readonly jaccardPrevious: number;
      readonly tuned: number;
    }
  | {
      readonly kind: 'step';
      /** Steps done, this one included. */
      readonly step: number;
      readonly loss: number;
      readonly lr: number;
      readonly tuned: number;
      readonly gradNorm?: number;
    };

/** What a checkpoint keeps beside parameters and optimizer state, to go on as if nothing had happened. */
export interface TuneState {
  /** Steps done. */
  readonly step: number;
  readonly circuit?: Circuit;
  readonly found?: Circuit;
  readonly first?: Circuit;
  /** Rows that are tuned, where they are not those of `circuit`. */
  readonly slices?: readonly Slice[];
  /** Adapters that are trained in place of the model's own parameters. */
  readonly adapters?: LoraOptions;
}

/** How a search of a step's own batch is one with the step. */
type Shared = Pick<AttributeOptions, 'bucket' | 'keep'>;

/** A step on its way. */
interface Sent {
  readonly lr: number;
  readonly result: Promise<StepResult>;
}

export class Tuning {
  readonly tuner: Tuner;
  readonly #model: DeviceModel;
  readonly #options: TuneOptions;
  readonly #batches: StepBatches;
  #state: TuneState = { step: 0 };
  #tuned = 0;
  #ahead: Sent | undefined;

  constructor(model: DeviceModel, examples: readonly Example[], options: TuneOptions) {
    requireTunable(examples, options);
    this.#model = model;
    this.#options = options;
    this.#batches = new StepBatches(examples, options);
    this.tuner = new Tuner(model, options);
  }

  get state(): TuneState {
    return this.#state;
  }

  /**
   * Goes on from a checkpoint. The model must hold the base's parameters; `write` puts those of the checkpoint and its
   * optimizer state on the device.
   */
  async restore(state: TuneState, write: () => Promise<void>): Promise<void> {
    if (state.adapters) await freeze(this.#model);
    await write();
    this.#state = state;
    this.#use();
  }

  /** From here to the next step the model's own parameters are the tuned ones, adapters merged: measure, save, ask. */
  async settle(): Promise<void> {
    if (this.#state.adapters) await mergeAdapters(this.#model, this.#state.adapters);
  }

  /** The device has taken a step whose event is still to come: its parameters are not those of `state`. */
  get isAhead(): boolean {
    return this.#ahead !== undefined;
  }

  /**
   * @param mayPass told a step (steps done), says whether nobody will look at the parameters just after it. The step after
   * is then sent before what came of this one is read, so that the device need not wait; unless it begins with a search.
   */
  async *run(mayPass: (step: number) => boolean = () => false): AsyncGenerator<TuneEvent> {
    const { steps, method } = this.#options;
    if (methodOf(method).searches === 'never' && this.#tuned === 0) {
      const masks = fullMasks(this.#model.config);
      this.#tuned = countTuned(this.#model.config, masks);
      this.tuner.setMasks(masks);
    }
    for (let { step } = this.#state; step < steps; step++) {
      let sent = this.#ahead;
      if (!sent) {
        const batches = this.#batches.of(step);
        let shared: Shared = {};
        if (this.#isSearchStep(step)) {
          shared = this.#shared(batches);
          yield await this.#search(step, batches, shared);
        }
        sent = await this.#send(step, batches, shared.keep);
      }
      const next = step + 1;
      const isFree = this.#model.session.mayBeAhead && next < steps && !this.#isSearchStep(next) && mayPass(next);
      this.#ahead = isFree ? await this.#send(next, this.#batches.of(next)) : undefined;
      const result = await sent.result;
      if (!Number.isFinite(result.loss))
        throw new DivergenceError({
          where: `tune: step ${next}`,
          rule: 'the loss must stay finite',
          got: result.loss,
          cure: 'Lower the learning rate, or set --max-norm 1',
        });
      this.#state = { ...this.#state, step: next };
      yield { kind: 'step', step: next, lr: sent.lr, tuned: this.#tuned, ...result };
    }
  }

  async #send(step: number, batches: readonly Batch[], given?: Forward): Promise<Sent> {
    const lr = learningRate(this.#options, step, this.#options.steps);
    return { lr, ...(await this.tuner.send(batches, this.#objectives(batches), lr, given)) };
  }

  #isSearchStep(step: number): boolean {
    const { method, search } = this.#options;
    const { searches } = methodOf(method);
    if (searches === 'never' || !search) return false;
    return searches === 'once' ? step === 0 : step % search.every === 0;
  }

  /** Whether each step searches on its own batch alone: for a step now and then, another plan costs what it saves. */
  get #isSharing(): boolean {
    const { method, accumulation, search } = this.#options;
    if (methodOf(method).searches !== 'every' || accumulation > 1 || !search || search.examples) return false;
    return search.every === 1 && search.select?.rule !== 'stable';
  }

  /** How a search has one forward pass with its step; padded like it even where that is too large to keep, for the same bits. */
  #shared(batches: readonly Batch[]): Shared {
    const { search, batchSize } = this.#options;
    const [batch] = batches;
    const isShared =
      this.#isSharing && isOneForwardOf(batch!, batch!.examples, { ...search!, batchSize, bucket: BUCKET });
    if (!isShared) return {};
    const keep = this.tuner.forwardOf(batch!);
    return { bucket: BUCKET, ...(keep.bytes <= (search!.forwardBytes ?? FORWARD_BYTES) && { keep }) };
  }

  async #search(step: number, batches: readonly Batch[], shared: Shared): Promise<TuneEvent> {
    const { method, batchSize, seed } = this.#options;
    const { examples, sample, topN, select = { rule: 'top-n' }, ...how } = this.#options.search!;
    const drawn = examples
      ? new Random(seed, 0x5ea0_0000 + step).shuffle([...examples]).slice(0, sample ?? examples.length)
      : batches.flatMap((batch) => batch.examples);
    const { circuit: found, scores } = await searchCircuit(this.#model, drawn, {
      ...how,
      topN: edgesAt(topN, step),
      select,
      batchSize,
      ...shared,
    });
    const { circuit, slices, adapters } = await methodOf(method).choose!({
      found,
      scores: scores.values,
      random: new Random(seed, 0xd4a0_0000 + step),
      gradients: () => gradientsOf(this.#model, how.nodes, batches, this.#objectives(batches)),
    });
    const first = this.#state.first ?? found;
    const previous = this.#state.found ?? found;
    const tuned = this.#withExtra(circuit, slices, step);
    const lora = adapters && this.#loraFor(circuit);
    this.#state = { step, circuit, found, first, ...(tuned && { slices: tuned }), ...(lora && { adapters: lora }) };
    if (lora) await beginAdapters(this.#model, lora, seed);
    this.#use();
    return {
      kind: 'search',
      step,
      circuit,
      scores,
      jaccardFirst: jaccard(found, first),
      jaccardPrevious: jaccard(found, previous),
      tuned: this.#tuned,
    };
  }

  #withExtra(circuit: Circuit, slices: readonly Slice[] | undefined, step: number): readonly Slice[] | undefined {
    const { extra = 0, seed } = this.#options;
    if (extra === 0) return slices;
    const own = slices ?? slicesOf(circuit);
    return [...own, ...extraSlices(circuit.nodes, own, extra, new Random(seed, 0xe784_0000 + step))];
  }

  #loraFor(circuit: Circuit): LoraOptions {
    const { rank = rankFor(this.#model.config, tunedParameters(circuit)), alpha = rank } = this.#options.lora ?? {};
    return { rank, alpha };
  }

  /** Tunes what the state says. */
  #use(): void {
    const { circuit, slices, adapters } = this.#state;
    const { config } = this.#model;
    if (adapters) {
      this.tuner.setAdapters(adapters);
      this.#tuned = adapterCount(config, adapters.rank);
    } else if (circuit) {
      const masks = masksOfSlices(config, slices ?? slicesOf(circuit));
      this.#tuned = countTuned(config, masks);
      this.tuner.setMasks(masks);
    }
  }

  #objectives(batches: readonly Batch[]) {
    const { objective: over, p, biasPenalty } = this.#options;
    // One mean over all micro-batches, so that accumulation does not change what is optimized.
    const count = batches.reduce((sum, batch) => sum + predictionCount(batch, over), 0);
    return sameShape(batches, (batch, least) => {
      const minM = over === 'answers' ? 0 : batch.B * batch.T + (biasPenalty === undefined ? 0 : batch.B);
      const rows = { ...least, minM: Math.max(minM, least.minM ?? 0) };
      return nll(batch, { over, p, count, biasPenalty, ...rows, normalise: 'mean' });
    });
  }
}
