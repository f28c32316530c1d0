/**
 * The element types a safetensors file may hold, and how each becomes f32.
 * Bytes are little-endian, as the format says and as every machine that runs WebGPU stores numbers.
 */

/** Bytes per element. The 8-bit floats can be measured and copied, not read. */
export const dtypeBytes = {
  F64: 8,
  F32: 4,
  F16: 2,
  BF16: 2,
  I64: 8,
  U64: 8,
  I32: 4,
  U32: 4,
  I16: 2,
  U16: 2,
  I8: 1,
  U8: 1,
  BOOL: 1,
  F8_E4M3: 1,
  F8_E5M2: 1,
} as const;

export type TensorDType = keyof typeof dtypeBytes;

export const isDType = (name: unknown): name is TensorDType =>
  typeof name === 'string' && Object.hasOwn(dtypeBytes, name);

type Decode = (bytes: Uint8Array<ArrayBuffer>) => Float32Array<ArrayBuffer>;

/** f32, f16, bf16, and whole numbers below 2²⁴ arrive exactly; f64 and larger ones are rounded to the nearest f32. */
export const toFloat32: Partial<Record<TensorDType, Decode>> = {
  F32: (bytes) => new Float32Array(...aligned(bytes, 4)),
  F64: (bytes) => Float32Array.from(new Float64Array(...aligned(bytes, 8))),
  F16: (bytes) => fromHalf(new Uint16Array(...aligned(bytes, 2))),
  BF16: (bytes) => fromBits(new Uint16Array(...aligned(bytes, 2)), (bits) => bits << 16),
  I64: (bytes) => Float32Array.from(new BigInt64Array(...aligned(bytes, 8)), Number),
  U64: (bytes) => Float32Array.from(new BigUint64Array(...aligned(bytes, 8)), Number),
  I32: (bytes) => Float32Array.from(new Int32Array(...aligned(bytes, 4))),
  U32: (bytes) => Float32Array.from(new Uint32Array(...aligned(bytes, 4))),
  I16: (bytes) => Float32Array.from(new Int16Array(...aligned(bytes, 2))),
  U16: (bytes) => Float32Array.from(new Uint16Array(...aligned(bytes, 2))),
  I8: (bytes) => Float32Array.from(new Int8Array(...aligned(bytes, 1))),
  U8: (bytes) => Float32Array.from(bytes),
  BOOL: (bytes) => Float32Array.from(bytes, (byte) => (byte === 0 ? 0 : 1)),
};

export const toInt32 = (bytes: Uint8Array<ArrayBuffer>): Int32Array<ArrayBuffer> =>
  new Int32Array(...aligned(bytes, 4));

/** The raw bytes of numbers, without a copy. */
export const bytesOf = (numbers: Float32Array<ArrayBuffer> | Int32Array<ArrayBuffer>): Uint8Array<ArrayBuffer> =>
  new Uint8Array(numbers.buffer, numbers.byteOffset, numbers.byteLength);

/** A typed array may only start at a multiple of its element size; a range of a file may start anywhere. */
function aligned(bytes: Uint8Array<ArrayBuffer>, size: number): [ArrayBuffer, number, number] {
  const start = bytes.byteOffset % size === 0 ? bytes : bytes.slice();
  return [start.buffer, start.byteOffset, start.byteLength / size];
}

function fromBits(halves: Uint16Array, widen: (bits: number) => number): Float32Array<ArrayBuffer> {
  const out = new Float32Array(halves.length);
  // Written as bits, so that NaN payloads and signed zeros survive.
  const bits = new Uint32Array(out.buffer);
  for (let i = 0; i < halves.length; i++) bits[i] = widen(halves[i]!);
  return out;
}

let halfBits: Uint32Array | undefined;

/** 65,536 possible values: a table is simpler than cleverness, and twice as fast from the first matrix on. */
function fromHalf(halves: Uint16Array): Float32Array<ArrayBuffer> {
  const table = (halfBits ??= Uint32Array.from({ length: 65_536 }, (_, bits) => widenHalf(bits)));
  return fromBits(halves, (bits) => table[bits]!);
}

function widenHalf(bits: number): number {
  const sign = (bits & 0x8000) << 16;
  const exponent = (bits >> 10) & 31;
  const fraction = bits & 1023;
  if (exponent === 31) return sign | 0x7f800000 | (fraction << 13);
  if (exponent > 0) return sign | ((exponent + 112) << 23) | (fraction << 13);
  if (fraction === 0) return sign;
  // A subnormal half is fraction · 2⁻²⁴, a normal f32 once its leading one is found.
  const shift = Math.clz32(fraction) - 21;
  return sign | ((113 - shift) << 23) | (((fraction << shift) & 1023) << 13);
}
