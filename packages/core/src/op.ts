/**
 * An op: what it means, told once. Shapes, plain f64 loops forward and backward, and where it comes from.
 * It is not a kernel: the WGSL that computes it lives in kernels-wgsl and is tested against these loops.
 *
 * A shape is a string of glossary letters ('N D'), followed by 'u32' when the tensor holds indices ('B T u32'), and by 'f16'
 * when it lies in memory as halves ('V D f16').
 */
import type { DType, Value } from './graph/value.js';

export type Shape = string;
export type Shapes = Record<string, Shape>;
export type Size = Record<string, number>;

type Letters<S extends string> = S extends `${infer A} ${infer B}`
  ? Letters<A> | Letters<B>
  : S extends 'u32' | 'f16' | ''
    ? never
    : S;
type Dims<S extends Shapes> = Record<Letters<S[keyof S]>, number>;
type Loops<K extends PropertyKey> = Record<K, Float64Array>;
type Cotangent<K extends PropertyKey> = K extends string ? `d${Capitalize<K>}` : never;

export interface OpSpec<
  I extends Shapes,
  O extends Shapes,
  S extends Shapes,
  A extends Size,
  Q extends keyof I & string,
> {
  readonly name: string;
  readonly inputs: I;
  /** Inputs a call may leave out. A kernel has one entry point for each combination it serves. */
  readonly optional?: readonly Q[];
  /** Inputs that no gradient goes back to, though they are f32. */
  readonly constants?: readonly (keyof I & string)[];
  readonly outputs: O;
  /** Written by forward for backward; shaped like outputs, never differentiated. */
  readonly saved?: S;
  readonly attrs?: A;
  /** Output → input whose storage it takes over. The input may not be read afterwards. */
  readonly inPlace?: Partial<Record<keyof O, keyof I>>;
  /** Output → input it is the same memory as: nothing is computed, no kernel runs (a tap). */
  readonly shares?: Partial<Record<keyof O, keyof I>>;
  /** Index inputs (and floats with a constraint) that random numbers would break; used by tests and benches only. */
  readonly example?: (dims: Size, random: () => number) => Partial<Record<keyof I, Float64Array>>;
  forward(
    ins: Loops<Exclude<keyof I, Q>> & Partial<Loops<Q>>,
    dims: Dims<I> & Dims<O> & Dims<S> & A,
  ): Loops<keyof O | keyof S>;
  /** Loops for the kernel's own backward passes. Absent where `adjoint` is given or the op is never differentiated. */
  backward?(
    ins: Loops<Exclude<keyof I, Q> | keyof O | keyof S | Cotangent<keyof O>> & Partial<Loops<Q>>,
    dims: Dims<I> & Dims<O> & Dims<S> & A,
  ): Partial<Loops<Cotangent<keyof I>>>;
  /** The gradient written in other ops: returns a cotangent for each wanted input. */
  adjoint?(
    tape: Tape,
    call: Call,
    cotangents: Record<string, Value>,
    wanted: ReadonlySet<string>,
  ): Record<string, Value>;
}

/** An op with its types erased: what graphs, plans and runners handle. */
export interface Op {
  readonly name: string;
  readonly inputs: Shapes;
  readonly optional: readonly string[];
  readonly constants: readonly string[];
  readonly outputs: Shapes;
  readonly saved: Shapes;
  readonly attrs: Size;
  readonly inPlace: Record<string, string>;
  readonly shares: Record<string, string>;
  readonly example?: (dims: Size, random: () => number) => Partial<Loops<string>>;
  forward(ins: Loops<string>, dims: Size): Loops<string>;
  backward?(ins: Loops<string>, dims: Size): Partial<Loops<string>>;
  adjoint?(
    tape: Tape,
    call: Call,
    cotangents: Record<string, Value>,
    wanted: ReadonlySet<string>,
  ): Record<string, Value>;
}

/** One op at work in a graph. */
export interface Call {
  readonly op: Op;
  readonly pass: 'forward' | 'backward';
  readonly ins: Readonly<Record<string, Value>>;
  readonly outs: Readonly<Record<string, Value>>;
  readonly dims: Size;
  readonly label: string;
  /** Cheap to redo: the reverse walk emits it again instead of keeping its outputs. */
  readonly recompute: boolean;
}

export interface CallOptions {
  /** Sizes that the inputs' own shapes do not tell (a flat [N, U] read as 'B T H E'). */
  dims?: Size;
  attrs?: Size;
  label?: string;
  recompute?: boolean;
}

/** What an op's `adjoint` may use. */
export interface Tape {
  call(op: Op, ins: Record<string, Value | undefined>, options?: CallOptions): Record<string, Value>;
  /**
   * The cotangent of an input so far, handed over to an adjoint that adds to it in place and returns the sum; undefined where
   * there is none. Nothing but the sum may read it from then on.
   */
  take(input: Value): Value | undefined;
  /** Indices of the rows of a weight whose gradient is wanted, and they alone; undefined means all of them. */
  rowsWanted(weight: Value): Value | undefined;
}

export function defineOp<
  const I extends Shapes,
  const O extends Shapes,
  const S extends Shapes = Record<never, Shape>,
  const A extends Size = Record<never, number>,
  const Q extends keyof I & string = never,
>(spec: OpSpec<I, O, S, A, Q>): Op {
  // The letters are checked where the op is written; from here on sizes come from a graph and are checked there.
  return { optional: [], constants: [], saved: {}, attrs: {}, inPlace: {}, shares: {}, ...spec } as unknown as Op;
}

/** 'gain' → 'dGain': the cotangent of a tensor. */
export const cotangentName = (tensor: string): string => `d${tensor[0]!.toUpperCase()}${tensor.slice(1)}`;

export const lettersOf = (shape: Shape): string[] => shape.split(' ').filter((word) => word !== '' && !isDType(word));

export const dtypeOf = (shape: Shape): DType => shape.split(' ').find(isDType) ?? 'f32';

const isDType = (word: string): word is DType => word === 'u32' || word === 'f16';

export const shapeOf = (shape: Shape, dims: Size): number[] =>
  lettersOf(shape).map((letter) => {
    const size = dims[letter];
    if (size === undefined) throw new Error(`shape '${shape}': dimension ${letter} is not known`);
    return size;
  });

export const sizeOf = (shape: Shape, dims: Size): number => shapeOf(shape, dims).reduce((n, size) => n * size, 1);

/** Every tensor a kernel of this op may bind, cotangents included, with its shape. */
export function tensorsOf(op: Op): Shapes {
  const tensors: Shapes = { ...op.inputs, ...op.outputs, ...op.saved };
  for (const [name, shape] of Object.entries({ ...op.inputs, ...op.outputs }))
    if (dtypeOf(shape) === 'f32') tensors[cotangentName(name)] ??= shape;
  return tensors;
}
