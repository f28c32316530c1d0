/** What flows through a graph: tensors by name, shape and kind. */
/** 'f16' is how weights may lie in memory, two numbers a word of 32 bits. Arithmetic is f32: see `widen`. */
export type DType = 'f32' | 'u32' | 'f16';

const bytesPerNumber: Readonly<Record<DType, number>> = { f32: 4, u32: 4, f16: 2 };

/** Bytes from the start of a tensor to its number `index`. */
export const byteOffset = (index: number, dtype: DType): number => index * bytesPerNumber[dtype];

/** Bytes of so many numbers in memory: whole words, and one at least. */
export const byteLength = (numbers: number, dtype: DType): number =>
  4 * Math.max(1, Math.ceil(byteOffset(numbers, dtype) / 4));

/** param: model weights · state: lives across runs, written by the graph · input: uploaded each run · temp: the rest. */
export type Kind = 'param' | 'state' | 'input' | 'temp';

export interface Value {
  readonly id: number;
  readonly name: string;
  readonly shape: readonly number[];
  readonly dtype: DType;
  readonly kind: Kind;
  /** The value whose storage this one shares: in-place results, taps, and parts of a larger tensor. */
  readonly storage?: Value;
  /** Memory that nothing made: calls fill it in place, part by part. */
  readonly isBlank?: true;
  /** A part begins at this number of its storage; 0 unless told. */
  readonly at?: number;
}

export const elements = (value: Value): number => value.shape.reduce((n, size) => n * size, 1);

/** The value that owns the memory. */
export const root = (value: Value): Value => (value.storage ? root(value.storage) : value);

/** The number of that memory at which the value begins. */
export const startOf = ({ storage, at = 0 }: Value): number => (storage ? at + startOf(storage) : 0);
