/**
 * Texts that are gone on with token by token, side by side. The keys and values of what was read stay on the device, so that
 * a new token runs one row through the model and looks at those of its text.
 */
import { Graph } from '../graph/graph.js';
import type { Value } from '../graph/value.js';
import { putRows } from '../ops/index.js';
import type { DeviceModel } from './deviceModel.js';
import { bucketOf, feedLast, feedTexts, joinChunks, lastRows, requireText } from './lastLogits.js';
import { PlainStream } from './stream.js';
import { behind, causal, tokenInputs, transformer, type Attend, type Heads } from './transformer.js';

/** By seat. */
type Logits = ReadonlyMap<number, Float32Array<ArrayBuffer>>;

/** At the least; it doubles when a text outgrows it. */
const LEAST_ROOM = 64;

export class KeyValueCache {
  readonly #model: DeviceModel;
  /** Texts side by side. */
  readonly #seats: number;
  readonly #texts = new Map<number, readonly number[]>();
  /** Of the states. */
  readonly #prefix: string;
  /** Positions that a seat has room for. */
  #room = 0;

  /** For at most so many texts at once. Takes memory of the device until it is closed. */
  constructor(model: DeviceModel, seats: number) {
    this.#model = model;
    this.#seats = seats;
    // Another text may be gone on with meanwhile: its states exist, and have their names.
    let at = 0;
    while (model.session.has(stateName(`past ${at}`, 'k', 0))) at++;
    this.#prefix = `past ${at}`;
    this.#grow(LEAST_ROOM);
  }

  /**
   * Reads texts from their beginning, each into its seat, whatever that held before.
   * @returns of each the logits [V] of the token after the last.
   * @throws TaskError for a text without tokens, one above the context, or an id beyond the vocabulary.
   */
  async start(texts: ReadonlyMap<number, readonly number[]>): Promise<Logits> {
    for (const [seat, text] of texts) {
      requireText(text, this.#model.config);
      this.#texts.set(seat, [...text]);
    }
    const isLarger = this.#grow(Math.max(...[...texts.values()].map(({ length }) => length)));
    const logits = await this.#read(isLarger ? this.#texts : texts);
    return new Map([...texts.keys()].map((seat) => [seat, logits.get(seat)!]));
  }

  /**
   * Goes on with the texts of these seats by a token each.
   * @returns as `start`. @throws as `start`.
   */
  async next(tokens: ReadonlyMap<number, number>): Promise<Logits> {
    const longer = new Map([...tokens].map(([seat, token]) => [seat, [...this.#texts.get(seat)!, token]]));
    const isLarger = Math.max(...[...longer.values()].map(({ length }) => length)) > this.#room;
    if (isLarger) return this.start(longer);
    for (const [seat, text] of longer) {
      requireText(text, this.#model.config);
      this.#texts.set(seat, text);
    }
    return this.#step(tokens);
  }

  /** Forgets a text; the seat is free. */
  drop(seat: number): void {
    this.#texts.delete(seat);
  }

  /** Gives the memory back. */
  close(): void {
    for (const { k, v } of this.#states()) for (const name of [k, v]) this.#model.session.delete(name);
  }

  /** Whether all that was read is gone, since there was no room for so many positions. */
  #grow(length: number): boolean {
    if (length <= this.#room) return false;
    const { session, config } = this.#model;
    this.#room = LEAST_ROOM * 2 ** Math.ceil(Math.log2(length / LEAST_ROOM));
    const bytes = 4 * this.#seats * this.#room * config.K * config.E;
    for (const { k, v } of this.#states())
      for (const name of [k, v]) {
        session.delete(name);
        session.grow(name, bytes);
      }
    return true;
  }

  /** As many texts as a power of two at once, so that few programs serve all numbers of them. */
  async #read(texts: ReadonlyMap<number, readonly number[]>): Promise<Logits> {
    const model = this.#model;
    const B = Math.min(this.#seats, 2 ** Math.ceil(Math.log2(texts.size)));
    const T = bucketOf(Math.max(...[...texts.values()].map(({ length }) => length)));
    const program = await model.program(this.#key('read', B, T), () => {
      const graph = new Graph();
      const shape = { B, T };
      const architecture = model.architecture(shape);
      const tokens = tokenInputs(graph, '', shape);
      const heads: Heads[] = [];
      const attend = this.#kept(causal(graph, architecture, tokens.mask), heads);
      const x = transformer(graph, architecture, tokens, new PlainStream(graph), attend);
      this.#put(graph, heads, B * T);
      return { graph, fetch: lastRows(graph, x, shape, model) };
    });
    // One token in the place of a text that is not there: a row needs a key to look at.
    const seats = [...texts.keys()];
    const all = Array.from({ length: B }, (_, b) => texts.get(seats[b] ?? NaN) ?? [0]);
    const rows = Uint32Array.from({ length: B * T }, (_, n) => {
      const b = Math.floor(n / T);
      return b < seats.length && n % T < all[b]!.length ? seats[b]! * this.#room + (n % T) : this.#nowhere;
    });
    const fetched = await program.run({ ...feedTexts(all, T), ...feedLast(all, T), 'past.rows': rows });
    return new Map(seats.map((seat, b) => [seat, joinChunks(model, fetched, b)]));
  }

  /** One row for each seat; those without a token run one that nobody looks at. */
  async #step(next: ReadonlyMap<number, number>): Promise<Logits> {
    const model = this.#model;
    const B = this.#seats;
    const T = this.#room;
    const program = await model.program(this.#key('step', B, T), () => {
      const graph = new Graph();
      const shape = { B, T: 1 };
      const architecture = model.architecture(shape);
      const input = (name: string, length: number): Value => graph.input(name, [length], 'u32');
      const tokens = { tokens: input('tokens', B), positions: input('positions', B), mask: input('mask', B * T) };
      const width = model.config.K * model.config.E;
      const past = this.#states().map(({ k, v }) => ({
        k: graph.state(k, [B * T, width]),
        v: graph.state(v, [B * T, width]),
      }));
      const { mask, positions: first } = tokens;
      const heads: Heads[] = [];
      const attend = this.#kept(behind(graph, architecture, { heads: past, T, mask, first }), heads);
      const x = transformer(graph, architecture, tokens, new PlainStream(graph), attend);
      this.#put(graph, heads, B);
      return { graph, fetch: lastRows(graph, x, shape, model) };
    });
    const bySeat = (of: (seat: number) => number): Uint32Array =>
      Uint32Array.from({ length: B }, (_, seat) => of(seat));
    const last = (seat: number): number => this.#texts.get(seat)!.length - 1;
    const fetched = await program.run({
      tokens: bySeat((seat) => next.get(seat) ?? 0),
      positions: bySeat((seat) => (next.has(seat) ? last(seat) : 0)),
      mask: new Uint32Array(B * T).fill(1),
      'past.rows': bySeat((seat) => (next.has(seat) ? seat * T + last(seat) : this.#nowhere)),
      ...feedLast(
        Array.from({ length: B }, () => [0]),
        1,
      ),
    });
    return new Map([...next.keys()].map((seat) => [seat, joinChunks(model, fetched, seat)]));
  }

  #key(what: string, B: number, T: number): string {
    return JSON.stringify([this.#prefix, what, B, T, this.#seats, this.#room]);
  }

  #states(): { readonly k: string; readonly v: string }[] {
    return Array.from({ length: this.#model.config.L }, (_, layer) => ({
      k: stateName(this.#prefix, 'k', layer),
      v: stateName(this.#prefix, 'v', layer),
    }));
  }

  /** A row behind the last. */
  get #nowhere(): number {
    return this.#seats * this.#room;
  }

  #kept(attend: Attend, heads: Heads[]): Attend {
    return (own) => {
      heads.push(own);
      return attend(own);
    };
  }

  /** Puts N rows of keys and values among those of their texts. */
  #put(graph: Graph, heads: readonly Heads[], N: number): void {
    const D = this.#model.config.K * this.#model.config.E;
    const V = this.#seats * this.#room;
    const rows = graph.input('past.rows', [N], 'u32');
    for (const [layer, own] of heads.entries())
      for (const which of ['k', 'v'] as const) {
        const into = graph.state(stateName(this.#prefix, which, layer), [V, D]);
        const options = { dims: { N, V, D }, label: `blocks.${layer}.attn.past_${which}` };
        graph.call(putRows, { into, rows, x: own[which] }, options);
      }
  }
}

const stateName = (prefix: string, which: 'k' | 'v', layer: number): string => `${prefix}.${which}${layer}`;
