/**
 * Writes safetensors. Equal input gives equal bytes: tensors in the order given, metadata sorted by key,
 * no whitespace, the header padded with spaces so that the data starts at a multiple of 8.
 */
import { WeightError } from '../errors.js';
import { dtypeBytes, type TensorDType } from './dtypes.js';

export interface TensorLayout {
  readonly name: string;
  readonly dtype: TensorDType;
  readonly shape: readonly number[];
}

export interface TensorData extends TensorLayout {
  /** Row-major, little-endian. */
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/**
 * The header of a file whose data follows in the same order, and the size of the whole: for files too large to hold.
 * @throws WeightError for a repeated name, or one that the format keeps for itself.
 */
export function writeHeader(
  tensors: readonly TensorLayout[],
  metadata: Readonly<Record<string, string>> = {},
): { header: Uint8Array<ArrayBuffer>; size: number } {
  const keys = Object.keys(metadata).toSorted();
  const entries: [string, unknown][] = [];
  if (keys.length > 0) entries.push(['__metadata__', Object.fromEntries(keys.map((key) => [key, metadata[key]]))]);
  const names = new Set(['__metadata__']);
  let begin = 0;
  for (const { name, dtype, shape } of tensors) {
    if (names.has(name))
      throw new WeightError({
        where: `safetensors ${name}`,
        rule: "names must be unique and not '__metadata__'",
        got: 'one that is taken',
        cure: 'Rename the tensor',
      });
    names.add(name);
    const end = begin + shape.reduce((product, size) => product * size, dtypeBytes[dtype]);
    entries.push([name, { dtype, shape, data_offsets: [begin, end] }]);
    begin = end;
  }
  // Joined by hand: an object would move names that look like array indices to the front.
  const json = `{${entries.map(([key, value]) => `${JSON.stringify(key)}:${JSON.stringify(value)}`).join(',')}}`;
  const text = new TextEncoder().encode(json);
  const header = new Uint8Array(8 + Math.ceil(text.byteLength / 8) * 8).fill(0x20);
  header.set(text, 8);
  new DataView(header.buffer).setBigUint64(0, BigInt(header.byteLength - 8), true);
  return { header, size: header.byteLength + begin };
}

/**
 * A whole file in memory.
 * @throws WeightError where the bytes of a tensor are not what its dtype and shape take.
 */
export function writeSafetensors(
  tensors: readonly TensorData[],
  metadata?: Readonly<Record<string, string>>,
): Uint8Array<ArrayBuffer> {
  const { header, size } = writeHeader(tensors, metadata);
  const file = new Uint8Array(size);
  file.set(header);
  let offset = header.byteLength;
  for (const { name, dtype, shape, bytes } of tensors) {
    const expected = shape.reduce((product, length) => product * length, dtypeBytes[dtype]);
    if (bytes.byteLength !== expected)
      throw new WeightError({
        where: `safetensors ${name}`,
        rule: `${dtype} of shape [${shape.join(', ')}] must take ${expected} bytes`,
        got: bytes.byteLength,
        cure: 'Give the tensor its own shape',
      });
    file.set(bytes, offset);
    offset += expected;
  }
  return file;
}
