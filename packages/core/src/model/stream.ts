/**
 * The residual stream as the model sees it: blocks read from it through a norm and a projection, and write back.
 * The plain stream keeps one running sum and remembers who read and who wrote; the patched one gives every reader
 * an input of its own (circuit/patch.ts). So forward, attribution, faithfulness and tuning share one model text.
 */
import type { Graph } from '../graph/graph.js';
import type { Value } from '../graph/value.js';
import { add, layernorm, matmulNN, matmulNT, rmsnorm, tap } from '../ops/index.js';

export interface Norm {
  readonly gain: Value;
  /** LayerNorm has one, RMSNorm has not. */
  readonly bias?: Value;
  readonly eps: number;
}

export interface Projection {
  readonly name: 'q' | 'k' | 'v' | 'gate' | 'in';
  /** [U, D], one row per unit. */
  readonly W: Value;
  /** [U] */
  readonly bias?: Value;
  /** Heads, or blocks of neurons: U = groups · width. */
  readonly groups: number;
}

export interface Read {
  readonly layer: number;
  readonly at: 'attn' | 'mlp';
  readonly norm: Norm;
  readonly projections: readonly Projection[];
}

export interface Write {
  readonly layer: number;
  readonly at: 'attn' | 'mlp';
  /** [N, U]: z of all heads, or the hidden layer; unit group i writes pre[:, i]·W[i]. */
  readonly pre: Value;
  readonly W: Value;
  readonly bias?: Value;
  readonly groups: number;
}

export interface Stream {
  /** The embeddings, [N, D]: what the node `input` writes. */
  start(x: Value): void;
  /** What each projection makes of the stream, [N, U] each. */
  read(read: Read): Value[];
  write(write: Write): void;
  /** The stream after the last block, normed: what the unembedding reads, [N, D]. */
  end(norm: Norm): Value;
}

/** Statistics of a norm's rows, kept for its gradient at single read sites. */
export interface Normed {
  readonly y: Value;
  readonly mean?: Value;
  readonly rstd: Value;
}

export interface ReadDone extends Read {
  /** The stream as this reader got it: a tap, so that its cotangent is this reader's alone. */
  readonly x: Value;
  readonly stats: Normed;
  /** [N, U] for each projection. */
  readonly outputs: readonly Value[];
}

export interface WriteDone extends Write {
  /** [N, D], bias included. */
  readonly out: Value;
}

/** Where a value on its way into the stream was made: the embeddings, the units of a layer, or what they come to. */
export interface Made {
  readonly at: 'input' | 'attn' | 'mlp';
  readonly layer: number;
  readonly of: 'units' | 'output';
}

export class PlainStream implements Stream {
  readonly graph: Graph;
  readonly reads: ReadDone[] = [];
  readonly writes: WriteDone[] = [];
  readonly #exchange: (value: Value, made: Made) => Value;
  #input: Value | undefined;
  #now: Value | undefined;
  #final: Value | undefined;
  #finalNorm: Normed | undefined;

  /** `exchange` may put another value in the place of one that was made; what `input` and `writes` tell is as it was made. */
  constructor(graph: Graph, exchange: (value: Value, made: Made) => Value = (value) => value) {
    this.graph = graph;
    this.#exchange = exchange;
  }

  /** The embeddings. */
  get input(): Value {
    return this.#input!;
  }

  /** The stream before the final norm, as a tap. */
  get final(): Value {
    return this.#final!;
  }

  /** The final norm, with the statistics of its rows. */
  get finalNorm(): Normed {
    return this.#finalNorm!;
  }

  start(x: Value): void {
    this.#input = x;
    this.#now = this.#exchange(x, { at: 'input', layer: -1, of: 'output' });
  }

  read(read: Read): Value[] {
    const x = this.graph.call(tap, { x: this.#now }, { label: `${read.at}.read` }).y!;
    const stats = applyNorm(this.graph, x, read.norm, read.at === 'attn' ? 'ln1' : 'ln2');
    const outputs = read.projections.map(
      ({ name, W, bias }) => this.graph.call(matmulNT, { a: stats.y, b: W, bias }, { label: `${read.at}.${name}` }).y!,
    );
    this.reads.push({ ...read, x, stats, outputs });
    return outputs;
  }

  write(write: Write): void {
    const { at, layer, pre, W, bias } = write;
    const a = this.#exchange(pre, { at, layer, of: 'units' });
    const out = this.graph.call(matmulNN, { a, b: W, bias }, { label: `${at}.out` }).y!;
    this.writes.push({ ...write, out });
    const b = this.#exchange(out, { at, layer, of: 'output' });
    this.#now = this.graph.call(add, { a: this.#now, b }, { label: `${at}.resid` }).y!;
  }

  end(norm: Norm): Value {
    this.#final = this.graph.call(tap, { x: this.#now }, { label: 'logits.read' }).y!;
    this.#finalNorm = applyNorm(this.graph, this.#final, norm, 'ln_final');
    return this.#finalNorm.y;
  }
}

export function applyNorm(graph: Graph, x: Value, { gain, bias, eps }: Norm, label: string): Normed {
  const made = bias
    ? graph.call(layernorm, { x, gain, bias }, { label, attrs: { eps } })
    : graph.call(rmsnorm, { x, gain }, { label, attrs: { eps } });
  return { y: made.y!, rstd: made.rstd!, ...(made.mean && { mean: made.mean }) };
}
