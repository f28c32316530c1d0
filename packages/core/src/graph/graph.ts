/**
 * A static graph: values and calls, append-only, executed in the order written.
 * It knows nothing of devices. `grad`, scoring, patching and tuning are functions that append to it.
 */
import { ShapeError } from '../errors.js';
import { widen } from '../ops/widen.js';
import { dtypeOf, lettersOf, shapeOf, type Call, type CallOptions, type Op, type Size } from '../op.js';
import { elements, root, startOf, type DType, type Kind, type Value } from './value.js';

/** Parts of a tensor begin at multiples of this many numbers: every WebGPU binds at multiples of 256 bytes. */
export const PART = 64;

export class Graph {
  readonly values: Value[] = [];
  readonly calls: Call[] = [];
  readonly #named = new Map<string, Value>();
  readonly #consumed = new Set<Value>();
  #prefix = '';

  param(name: string, shape: readonly number[], dtype: DType = 'f32'): Value {
    return this.#leaf('param', name, shape, dtype);
  }
  state(name: string, shape: readonly number[]): Value {
    return this.#leaf('state', name, shape, 'f32');
  }
  input(name: string, shape: readonly number[], dtype: DType = 'f32'): Value {
    return this.#leaf('input', name, shape, dtype);
  }
  /** The param, state or input of that name, if the graph has it. */
  named(name: string): Value | undefined {
    return this.#named.get(name);
  }

  /** Memory that in-place calls fill part by part: what no call has written is undefined. */
  blank(name: string, shape: readonly number[]): Value {
    const value: Value = { ...this.#value('temp', this.#label(name), shape, 'f32'), isBlank: true };
    return (this.values[value.id] = value);
  }

  /** The same memory read in another shape. Not differentiated: gradients flow through calls only. */
  view(value: Value, shape: readonly number[]): Value {
    const seen = this.#value(value.kind, value.name, shape, value.dtype, value);
    if (elements(seen) !== elements(value))
      throw new ShapeError({
        where: `graph.view('${value.name}')`,
        rule: `must keep its ${elements(value)} elements`,
        got: `[${shape.join(', ')}]`,
        cure: 'Check the sizes',
      });
    return seen;
  }

  /**
   * Has a call write its result into a larger tensor, from number `at` on, instead of memory of its own.
   * A part must begin where a binding may: at a multiple of 64 numbers.
   */
  writeInto(result: Value, storage: Value, at: number): void {
    // What adds to a result in place has its memory.
    const own = root(result);
    const isWhole = startOf(result) === 0 && elements(own) === elements(result);
    if (own.kind !== 'temp' || !isWhole || at % PART !== 0 || at + elements(own) > elements(storage))
      throw new ShapeError({
        where: `graph.writeInto('${result.name}')`,
        rule: `must be a call's own result, from a multiple of ${PART} on, within the ${elements(storage)} of '${storage.name}'`,
        got: `${own.kind === 'temp' && isWhole ? `a ${own.kind}` : 'memory of another value'}, [${at}, ${at + elements(result)})`,
        cure: 'Place each result once, and round places up',
      });
    Object.assign(own, { storage, at });
  }

  /** Labels of calls made inside `body` start with `prefix`. */
  within<R>(prefix: string, body: () => R): R {
    const before = this.#prefix;
    this.#prefix = before ? `${before}.${prefix}` : prefix;
    try {
      return body();
    } finally {
      this.#prefix = before;
    }
  }

  /**
   * Appends a forward call and returns its outputs and saved tensors by name. An input that lies in memory as f16 is widened
   * just before, unless the op reads it as it lies.
   */
  call(op: Op, ins: Record<string, Value | undefined>, options: CallOptions = {}): Record<string, Value> {
    const label = this.#label(options.label ?? op.name);
    const given: Record<string, Value> = {};
    for (const [name, value] of Object.entries(ins)) {
      if (value === undefined) continue;
      if (!(name in op.inputs))
        throw mismatch(op, label, `inputs are ${Object.keys(op.inputs).join(', ')}`, `'${name}'`);
      given[name] = this.#widened(op, name, value, options.label ?? op.name);
    }
    for (const name of Object.keys(op.inputs))
      if (!given[name] && !op.optional.includes(name)) throw mismatch(op, label, `input '${name}' is required`, 'none');
    const dims = { ...op.attrs, ...inferDims(op, given, options.dims ?? {}, label), ...options.attrs };
    const outs: Record<string, Value> = {};
    for (const [name, shape] of Object.entries({ ...op.outputs, ...op.saved })) {
      const source = op.inPlace[name] ?? op.shares[name];
      const owner = source === undefined ? undefined : given[source];
      outs[name] = this.#value('temp', `${label}.${name}`, outputShape(op, shape, given, dims), dtypeOf(shape), owner);
    }
    this.#append({ op, pass: 'forward', ins: given, outs, dims, label, recompute: options.recompute ?? false });
    return outs;
  }

  /** Appends a backward call that writes the named cotangents; `grad` is its only caller. */
  callBackward(
    of: Call,
    ins: Record<string, Value>,
    wanted: Iterable<string>,
    shapes: Record<string, Value>,
  ): Record<string, Value> {
    const outs: Record<string, Value> = {};
    const label = `${of.label}.backward`;
    for (const name of wanted) outs[name] = this.#value('temp', `${label}.${name}`, shapes[name]!.shape, 'f32');
    this.#append({ op: of.op, pass: 'backward', ins, outs, dims: of.dims, label, recompute: false });
    return outs;
  }

  /** For this call alone: the backward pass widens again, so that nothing of f32 is kept of what was stored to be small. */
  #widened(op: Op, input: string, value: Value, label: string): Value {
    if (value.dtype !== 'f16' || dtypeOf(op.inputs[input]!) !== 'f32') return value;
    if (Object.values(op.inPlace).includes(input))
      throw mismatch(op, label, `${input} is updated in place, which needs f32`, `f16 ${value.name}`);
    return this.call(widen, { x: value }, { label: `${label}.${input}`, recompute: true }).y!;
  }

  #append(call: Call): void {
    for (const value of Object.values(call.ins))
      if (this.#consumed.has(value))
        throw mismatch(call.op, call.label, 'a value that was overwritten in place cannot be read again', value.name);
    if (call.pass === 'forward')
      for (const source of Object.values(call.op.inPlace)) this.#consumed.add(call.ins[source]!);
    this.calls.push(call);
  }

  #leaf(kind: Kind, name: string, shape: readonly number[], dtype: DType): Value {
    const known = this.#named.get(name);
    if (known) {
      if (known.kind !== kind || known.dtype !== dtype || known.shape.join() !== shape.join())
        throw new ShapeError({
          where: `graph.${kind}('${name}')`,
          rule: `must agree with its first declaration (${known.kind} ${known.dtype} [${known.shape.join(', ')}])`,
          got: `${kind} ${dtype} [${shape.join(', ')}]`,
          cure: 'Give the two tensors different names.',
        });
      return known;
    }
    const value = this.#value(kind, name, shape, dtype);
    this.#named.set(name, value);
    return value;
  }

  #value(kind: Kind, name: string, shape: readonly number[], dtype: DType, storage?: Value): Value {
    const value: Value = { id: this.values.length, name, shape: [...shape], dtype, kind, ...(storage && { storage }) };
    this.values.push(value);
    return value;
  }

  #label(label: string): string {
    return this.#prefix ? `${this.#prefix}.${label}` : label;
  }
}

/** As the op says; but an input given in another rank (a flat view) hands its own shape to outputs of the same letters. */
function outputShape(op: Op, shape: string, ins: Record<string, Value>, dims: Size): readonly number[] {
  // Whatever an input lies in memory as, results are f32.
  const twin = Object.keys(op.inputs).find((name) => op.inputs[name]!.replace(/ f16$/, '') === shape && ins[name]);
  return twin ? ins[twin]!.shape : shapeOf(shape, dims);
}

function inferDims(op: Op, ins: Record<string, Value>, explicit: Size, label: string): Size {
  const dims: Size = { ...explicit };
  for (const [name, value] of Object.entries(ins)) {
    const shape = op.inputs[name]!;
    const letters = lettersOf(shape);
    if (value.dtype !== dtypeOf(shape))
      throw mismatch(op, label, `${name} is '${shape}'`, `${value.dtype} ${value.name}`);
    // An element-wise op ('N') takes any rank.
    if (letters.length === 1 && value.shape.length !== 1) dims[letters[0]!] ??= elements(value);
    // Any other rank that differs is a flat view: its sizes must come from `dims` or from other inputs.
    if (letters.length === value.shape.length && !letters.some((l) => l in explicit))
      letters.forEach((letter, i) => (dims[letter] ??= value.shape[i]!));
  }
  for (const [name, value] of Object.entries(ins)) {
    const shape = op.inputs[name]!;
    const wanted = shapeOf(shape, dims).reduce((n, size) => n * size, 1);
    if (wanted !== elements(value)) {
      const sizes = lettersOf(shape).map((letter) => `${letter}=${dims[letter]}`);
      throw mismatch(
        op,
        label,
        `${name} is '${shape}' with ${sizes.join(' ')}`,
        `${value.name} [${value.shape.join(', ')}]`,
      );
    }
  }
  return dims;
}

const mismatch = (op: Op, label: string, rule: string, got: string): ShapeError =>
  new ShapeError({ where: op.name, rule, got, cure: `Check the call at ${label}.` });
