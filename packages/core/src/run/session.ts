/**
 * Everything the project keeps on a device: named tensors (params and states), pipelines, and the slots that plans share.
 * A program is a plan bound to a session: built once, replayed with new inputs.
 */
import { ConfigError, ShapeError } from '../errors.js';
import type { Graph } from '../graph/graph.js';
import type { Value } from '../graph/value.js';
import type { Capabilities, Kernel } from '../kernel.js';
import type { Forced } from '../plan/choose.js';
import { plan, type Handed, type Plan } from '../plan/plan.js';
import { capabilitiesOf, type DeviceFacts } from './capabilities.js';
import { DeviceErrors } from './deviceErrors.js';
import { NamedTensors } from './namedTensors.js';
import { Pipelines } from './pipelines.js';
import type { Phase, Profiler } from './profile.js';
import { Program } from './program.js';
import { SlotPool } from './slotPool.js';

export interface SessionOptions extends DeviceFacts {
  device: GPUDevice;
  kernels: readonly Kernel[];
  forced?: Forced;
  /**
   * Submits of a program that the device may have before it at a time; all unless told. A page sets it, so that what it
   * draws need not wait behind seconds of work, and a run that is stopped has little left to do.
   */
  maxInFlight?: number;
  /** Hears where the time goes. Runs are longer with it: every dispatch is timed by itself, and every run waited for. */
  profiler?: Profiler;
}

export class Session extends NamedTensors {
  readonly capabilities: Capabilities;
  readonly maxInFlight: number | undefined;
  readonly #kernels: readonly Kernel[];
  readonly #forced: Forced;
  readonly #pipelines: Pipelines;
  readonly #errors: DeviceErrors;
  readonly #slots: SlotPool;

  constructor({ device, kernels, forced = {}, maxInFlight, profiler, ...facts }: SessionOptions) {
    requireInFlight(maxInFlight);
    const errors = new DeviceErrors(device);
    super(device, errors, profiler);
    this.maxInFlight = maxInFlight;
    this.#kernels = kernels;
    this.#forced = forced;
    this.capabilities = capabilitiesOf(device, facts);
    this.#pipelines = new Pipelines(device, kernels);
    this.#errors = errors;
    this.#slots = new SlotPool(device);
  }

  /** Bytes held on the device for params, states and shared slots. */
  override get bytes(): number {
    return super.bytes + this.sharedBytes;
  }

  /** Of them, what the programs of the session share. */
  get sharedBytes(): number {
    return this.#slots.bytes;
  }

  /** How often what its programs share was made anew: see SlotPool. */
  get moves(): number {
    return this.#slots.moves;
  }

  /**
   * Whether a run may be sent while another is still on its way. Not where submits are bounded, for then a run is not all
   * sent at once; nor where somebody profiles, who waits for each.
   */
  get mayBeAhead(): boolean {
    return this.maxInFlight === undefined && !this.profiler;
  }

  /** Does the work; where somebody profiles, its time counts as that phase. */
  during<T>(phase: Phase, work: () => Promise<T>): Promise<T> {
    return this.profiler ? this.profiler.during(phase, work) : work();
  }

  /**
   * Plans a graph and builds what replaying it needs. Not while a program of the session is being sent: what they share may
   * grow.
   */
  compile(graph: Graph, fetch: Readonly<Record<string, Value>> = {}, handed: Handed = {}): Promise<Program> {
    return this.during('compile', () => this.#compile(graph, fetch, handed));
  }

  async #compile(graph: Graph, fetch: Readonly<Record<string, Value>>, handed: Handed): Promise<Program> {
    const ready = plan(graph, {
      kernels: this.#kernels,
      capabilities: this.capabilities,
      fetch,
      forced: this.#forced,
      ...handed,
    });
    this.#provide(ready, handed);
    const slot = this.#slots.take(ready.slots);
    const pipelines = await this.#pipelines.of(ready.dispatches);
    this.device.pushErrorScope('validation');
    const program = new Program(this, ready, pipelines, (place) =>
      'slot' in place ? { buffer: slot(place.slot), offset: 0 } : this.locate(place.leaf)!,
    );
    const invalid = await this.device.popErrorScope();
    if (invalid) throw new Error(`session.compile: the device refused the plan: ${invalid.message}`);
    this.check();
    return program;
  }

  /** Sees to the named tensors of a plan: states are made, all else must be there. */
  #provide({ leaves }: Plan, { given }: Handed): void {
    const kept = new Set(given?.values());
    for (const { name, kind, bytes } of leaves) {
      if (kind === 'param' && !this.has(name))
        throw new ShapeError({
          where: `session.compile: ${name}`,
          rule: 'a parameter must be written to the session before it is used',
          got: 'nothing',
          cure: 'Load the model first.',
        });
      if (kept.has(name) && !this.has(name)) throw new Error(`session.compile: nothing has kept ${name}`);
      if (kind === 'state') this.grow(name, bytes);
    }
  }

  /** Whether a program still finds what it was compiled for: a tensor that grew or was made anew lies elsewhere. */
  isCurrent(program: Program): boolean {
    return program.isBoundTo((name) => this.locate(name));
  }

  /** @throws what the device reported since the last call: a lost device, memory that ran out. */
  check(): void {
    this.#errors.check();
  }

  /** Gives back all memory. The device stays: it belongs to whoever handed it in. */
  override dispose(): void {
    this.#errors.dispose();
    super.dispose();
    this.#slots.dispose();
  }
}

function requireInFlight(submits: number | undefined): void {
  if (submits === undefined || (Number.isInteger(submits) && submits >= 1)) return;
  throw new ConfigError({
    where: 'session: maxInFlight',
    rule: 'must be a whole number from 1',
    got: submits,
    cure: 'Leave it out for no bound',
  });
}
