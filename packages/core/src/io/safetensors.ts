/**
 * Reads safetensors: 8 bytes little-endian header length, a JSON header, then row-major little-endian data, no holes.
 * https://github.com/huggingface/safetensors#format. A file is a stranger's: everything the header says is checked
 * against the file before one byte of data is trusted. Writing is in safetensorsWrite.ts.
 */
import { show, WeightError } from '../errors.js';
import { dtypeBytes, isDType, toFloat32, toInt32, type TensorDType } from './dtypes.js';
import type { Source } from './source.js';

export interface TensorInfo {
  readonly name: string;
  readonly dtype: TensorDType;
  readonly shape: readonly number[];
  /** Bytes [begin, end) of the whole file. */
  readonly begin: number;
  readonly end: number;
}

export interface SafetensorsFile {
  readonly source: Source;
  /** The header as it lies, its length prefix and padding included: what a bit-exact copy starts with. */
  readonly header: Uint8Array<ArrayBuffer>;
  readonly metadata: Readonly<Record<string, string>>;
  /** In the order of their data. */
  readonly tensors: ReadonlyMap<string, TensorInfo>;
}

/** Rows [from, to) along the first dimension. */
export interface Rows {
  readonly from: number;
  readonly to: number;
}

/** huggingface.js refuses longer headers too; the largest real ones are near 1 MB. */
const MAX_HEADER = 25_000_000;
const METADATA = '__metadata__';
const again = 'Download or copy the file again';

/**
 * Reads and checks the header; the data stays where it is.
 * @throws WeightError for a truncated file, a lying or oversized header, duplicate names, holes and overlaps.
 */
export async function openSafetensors(source: Source): Promise<SafetensorsFile> {
  const where = source.name;
  if (source.size < 8) fail(where, 'must be at least 8 bytes long', `${source.size} bytes`, again);
  const prefix = await readExactly(source, 0, 8);
  const announced = new DataView(prefix.buffer, prefix.byteOffset, 8).getBigUint64(0, true);
  if (announced > BigInt(MAX_HEADER))
    fail(
      where,
      `header must be at most ${MAX_HEADER} bytes long`,
      `${announced}`,
      `Is it a safetensors file? ${again}`,
    );
  const length = Number(announced);
  if (8 + length > source.size)
    fail(where, `header of ${length} bytes must lie inside the file`, `a file of ${source.size} bytes`, again);

  const header = await readExactly(source, 0, 8 + length);
  const text = decodeUtf8(header.subarray(8), where);
  const entries = parseHeader(text, where);
  const metadata = readMetadata(entries[METADATA], where);
  const tensors = Object.entries(entries)
    .filter(([name]) => name !== METADATA)
    .map(([name, entry]) => readEntry(name, entry, 8 + length, where))
    // A tensor without elements starts where its neighbour does and must come first.
    .toSorted((a, b) => a.begin - b.begin || a.end - b.end);
  checkLayout(tensors, 8 + length, source);
  return { source, header, metadata, tensors: new Map(tensors.map((tensor) => [tensor.name, tensor])) };
}

/**
 * Rows of a tensor as f32, all of them unless told.
 * @throws WeightError for a tensor that is not there, a dtype that cannot be read, or a file that has become shorter.
 */
export async function readFloats(file: SafetensorsFile, name: string, rows?: Rows): Promise<Float32Array<ArrayBuffer>> {
  const { dtype } = infoOf(file, name);
  const decode = toFloat32[dtype];
  if (!decode) {
    const readable = Object.keys(toFloat32).join(', ');
    fail(`${file.source.name} ${name}`, `dtype must be one of ${readable}`, dtype, 'Convert the file to BF16 first');
  }
  return decode(await readBytes(file, name, rows));
}

/** A tensor of dtype I32, as it lies. */
export async function readInts(file: SafetensorsFile, name: string): Promise<Int32Array<ArrayBuffer>> {
  const { dtype } = infoOf(file, name);
  if (dtype !== 'I32') fail(`${file.source.name} ${name}`, 'dtype must be I32', dtype, 'Write the indices as int32');
  return toInt32(await readBytes(file, name));
}

/** The stored bytes of rows of a tensor, all of them unless told. */
export async function readBytes(file: SafetensorsFile, name: string, rows?: Rows): Promise<Uint8Array<ArrayBuffer>> {
  const { shape, begin, end } = infoOf(file, name);
  if (!rows) return readExactly(file.source, begin, end - begin);
  const total = shape[0] ?? 1;
  if (!(0 <= rows.from && rows.from <= rows.to && rows.to <= total))
    fail(
      `${file.source.name} ${name}`,
      `rows must lie in 0..${total}`,
      `${rows.from}..${rows.to}`,
      'Ask for rows it has',
    );
  const stride = total === 0 ? 0 : (end - begin) / total;
  return readExactly(file.source, begin + rows.from * stride, (rows.to - rows.from) * stride);
}

export function infoOf(file: SafetensorsFile, name: string): TensorInfo {
  const info = file.tensors.get(name);
  if (!info) fail(file.source.name, `must hold the tensor ${name}`, 'none of that name', 'Take the file it belongs to');
  return info;
}

/** A file may shrink between being opened and being read. */
async function readExactly(source: Source, offset: number, length: number): Promise<Uint8Array<ArrayBuffer>> {
  const bytes = await source.read(offset, length);
  if (bytes.byteLength !== length)
    fail(source.name, `must give ${length} bytes from byte ${offset} on`, `${bytes.byteLength}`, again);
  return bytes;
}

function decodeUtf8(bytes: Uint8Array, where: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return fail(where, 'header must be UTF-8', 'other bytes', `Is it a safetensors file? ${again}`);
  }
}

function parseHeader(text: string, where: string): Record<string, unknown> {
  let header: unknown;
  try {
    header = JSON.parse(text);
  } catch (error) {
    fail(where, 'header must be JSON', `${(error as Error).message}`, `Is it a safetensors file? ${again}`);
  }
  if (!isObject(header))
    fail(where, 'header must be a JSON object', show(header), `Is it a safetensors file? ${again}`);
  const twice = repeatedKey(text);
  if (twice !== undefined)
    fail(where, 'header must name everything once', `${show(twice)} twice`, 'Write the file again with unique names');
  return header;
}

/** JSON.parse keeps the last of two equal keys without a word; two readers may then see two different models. */
function repeatedKey(text: string): string | undefined {
  const open: Set<string>[] = [];
  let last: string | undefined;
  for (const [token] of text.matchAll(/"(?:[^"\\]|\\.)*"|[{}:]/g)) {
    if (token === '{') open.push(new Set());
    else if (token === '}') open.pop();
    else if (token !== ':') last = token;
    else {
      // "\u0061" and "a" are one key.
      const key = JSON.parse(last!) as string;
      const keys = open.at(-1)!;
      if (keys.has(key)) return key;
      keys.add(key);
    }
  }
  return undefined;
}

function readMetadata(metadata: unknown, where: string): Record<string, string> {
  if (metadata === undefined) return {};
  if (!isObject(metadata) || !Object.values(metadata).every((value) => typeof value === 'string'))
    fail(`${where} __metadata__`, 'must map strings to strings', show(metadata), 'Write the file again');
  return metadata as Record<string, string>;
}

function readEntry(name: string, entry: unknown, dataStart: number, file: string): TensorInfo {
  const where = `${file} ${name}`;
  if (!isObject(entry)) fail(where, 'must have dtype, shape and data_offsets', show(entry), again);
  const { dtype, shape, data_offsets: offsets } = entry;
  if (!isDType(dtype))
    fail(where, `dtype must be one of ${Object.keys(dtypeBytes).join(', ')}`, show(dtype), 'Convert the file first');
  if (!Array.isArray(shape) || !shape.every(isCount))
    fail(where, 'shape must be a list of whole numbers', show(shape), again);
  const [begin, end, ...rest] = Array.isArray(offsets) ? (offsets as unknown[]) : [];
  if (!isCount(begin) || !isCount(end) || begin > end || rest.length > 0)
    fail(where, 'data_offsets must be [begin, end] with begin at most end', show(offsets), again);
  const bytes = shape.reduce((product: number, size) => product * size, dtypeBytes[dtype]);
  if (end - begin !== bytes)
    fail(where, `${dtype} of shape [${shape.join(', ')}] must take ${bytes} bytes`, end - begin, again);
  return { name, dtype, shape, begin: dataStart + begin, end: dataStart + end };
}

function checkLayout(tensors: readonly TensorInfo[], dataStart: number, source: Source): void {
  let end = dataStart;
  for (const tensor of tensors) {
    const where = `${source.name} ${tensor.name}`;
    const got = `byte ${tensor.begin - dataStart} of the data`;
    const expected = `must start where the tensor before it ends, at byte ${end - dataStart} of the data`;
    if (tensor.begin < end) fail(where, expected, `${got}, which overlaps it`, 'Write the file again');
    if (tensor.begin > end) fail(where, expected, `${got}, which leaves a hole`, 'Write the file again');
    if (tensor.end > source.size)
      fail(where, `must end inside the file of ${source.size} bytes`, `byte ${tensor.end}: the file is cut off`, again);
    end = tensor.end;
  }
  if (end !== source.size)
    fail(source.name, `must end with its last tensor at byte ${end}`, `${source.size} bytes`, again);
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;

function fail(where: string, rule: string, got: string | number, cure: string): never {
  throw new WeightError({ where, rule, got, cure });
}
