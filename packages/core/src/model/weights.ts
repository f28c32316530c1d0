/**
 * The parameters of a checkpoint under their canonical names and layout, and back: the values of a Hugging Face tensor
 * from canonical parameters, bit for bit. Nothing is kept in memory but the tensor read last.
 */
import { ShapeError, WeightError } from '../errors.js';
import { bytesOf } from '../io/dtypes.js';
import { readFloats, type Rows, type SafetensorsFile } from '../io/safetensors.js';
import type { ModelConfig } from './config.js';
import { hasPrefix, headName, hfTensors, isIgnorable, type HfPart, type HfTensor } from './hfNames.js';

/** Anything that holds canonical parameters: a checkpoint, or a session with tuned ones. */
export interface Parameters {
  /** Row-major values of a canonical parameter; rows [from, to) of its first dimension where told. */
  read(name: string, rows?: Rows): Promise<Float32Array<ArrayBuffer>>;
}

/** Changes the values of an HF tensor in place; `first` is the flat index of the first value given. */
export type Overlay = (tensor: HfTensor, values: Float32Array<ArrayBuffer>, first: number) => void;

export interface Weights extends Parameters {
  readonly config: ModelConfig;
  readonly files: readonly SafetensorsFile[];
  /** Tensors that hold parameters, by their names in the files. Whatever else the files hold is ignorable. */
  readonly tensors: ReadonlyMap<string, HfTensor>;
  readonly fileOf: (tensor: string) => SafetensorsFile;
  /** The values of an HF tensor in its own layout. */
  readHf(tensor: string, rows?: Rows): Promise<Float32Array<ArrayBuffer>>;
}

/**
 * Checks that the files hold every tensor the config asks for, in its shape, and nothing unknown.
 * Values are checked as they are read: the read of a NaN or an infinity throws a WeightError with tensor and index.
 * @throws WeightError
 */
export function openWeights(config: ModelConfig, files: readonly SafetensorsFile[], overlay?: Overlay): Weights {
  const owners = new Map<string, SafetensorsFile>();
  for (const file of files)
    for (const name of file.tensors.keys()) {
      const other = owners.get(name);
      if (other) fail(`${file.source.name} ${name}`, 'must be in one file', `it in ${other.source.name} too`, again);
      owners.set(name, file);
    }
  const tensors = new Map(hfTensors(config, { prefixed: hasPrefix(config, owners) }).map((it) => [it.name, it]));
  // Some tied checkpoints store the head once more. It is written back as the embedding it repeats.
  const embedding = [...tensors.values()].find(({ parts }) => parts[0]?.parameter === 'embed.W_E');
  if (embedding && owners.has(headName) && !tensors.has(headName))
    tensors.set(headName, { ...embedding, name: headName });
  checkNames(config, files, owners, tensors);

  const fileOf = (name: string): SafetensorsFile => owners.get(name)!;
  const places = new Map<string, { tensor: HfTensor; part: HfPart }>();
  for (const tensor of tensors.values())
    for (const part of tensor.parts) if (!places.has(part.parameter)) places.set(part.parameter, { tensor, part });

  const readHf = async (name: string, rows?: Rows): Promise<Float32Array<ArrayBuffer>> => {
    const tensor = tensors.get(name)!;
    const file = fileOf(name);
    const values = await readFloats(file, name, rows);
    const width = tensor.shape.slice(1).reduce((product, size) => product * size, 1);
    const first = (rows?.from ?? 0) * width;
    checkFinite(values, first, tensor, file);
    overlay?.(tensor, values, first);
    return values;
  };

  let last: { name: string; values: Promise<Float32Array<ArrayBuffer>> } | undefined;
  return {
    config,
    files,
    tensors,
    fileOf,
    readHf,
    async read(parameter, rows) {
      const place = places.get(parameter);
      if (!place)
        throw new WeightError({
          where: parameter,
          rule: `must be a parameter of this ${config.modelType} model`,
          got: 'a name it does not have',
          cure: 'Take a name that parameterShapes lists',
        });
      const { tensor, part } = place;
      if (tensor.parts.length === 1 && !part.transposed) return readHf(tensor.name, rows);
      // q, k and v are asked for one after the other: the fused tensor is read once.
      if (last?.name !== tensor.name) last = { name: tensor.name, values: readHf(tensor.name) };
      const { values } = last;
      return takePart(await values, tensor, part, rows ?? { from: 0, to: part.shape[0]! });
    },
  };
}

/**
 * The values of an HF tensor from canonical parameters, as little-endian f32, in pieces of at most 16 MB where the
 * layout allows it.
 * @throws ShapeError where a parameter does not have the length its shape says.
 */
export async function* hfChunks(
  { name, shape, parts }: HfTensor,
  parameters: Parameters,
): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  const [first] = parts;
  const [height = 1, width = 1] = shape;
  if (parts.length === 1 && !first!.transposed) {
    const step = Math.max(1, Math.floor(4_000_000 / width));
    for (let from = 0; from < height; from += step) {
      const rows = { from, to: Math.min(height, from + step) };
      yield bytesOf(checked(await parameters.read(first!.parameter, rows), first!, (rows.to - from) * width));
    }
    return;
  }
  const values = new Float32Array(shape.reduce((product, size) => product * size, 1));
  for (const part of parts) {
    const length = part.shape.reduce((product, size) => product * size, 1);
    const given = checked(await parameters.read(part.parameter), part, length);
    if (shape.length === 1) values.set(given, part.column);
    else if (part.transposed) transpose(given, part.shape[0]!, part.shape[1]!, values, part.column, width);
    else throw new Error(`${name}: a fused matrix that is not transposed has no place in the tables`);
  }
  yield bytesOf(values);
}

function takePart(values: Float32Array, { shape }: HfTensor, part: HfPart, { from, to }: Rows) {
  const [units, D] = part.shape;
  if (!(0 <= from && from <= to && to <= units!))
    fail(part.parameter, `rows must lie in 0..${units}`, `${from}..${to}`, 'Ask for rows it has');
  if (D === undefined) return values.slice(part.column + from, part.column + to);
  const out = new Float32Array((to - from) * D);
  const width = shape[1]!;
  for (let d = 0; d < D; d++) {
    const row = d * width + part.column;
    for (let unit = from; unit < to; unit++) out[(unit - from) * D + d] = values[row + unit]!;
  }
  return out;
}

/** [units, D] to columns `column`… of a matrix of `width` columns. */
function transpose(given: Float32Array, units: number, D: number, out: Float32Array, column: number, width: number) {
  for (let d = 0; d < D; d++)
    for (let unit = 0; unit < units; unit++) out[d * width + column + unit] = given[unit * D + d]!;
}

function checkNames(
  config: ModelConfig,
  files: readonly SafetensorsFile[],
  owners: ReadonlyMap<string, SafetensorsFile>,
  tensors: ReadonlyMap<string, HfTensor>,
): void {
  const where = files.map(({ source }) => source.name).join(', ') || 'no file';
  const missing = [...tensors.keys()].filter((name) => !owners.has(name));
  if (missing.length > 0) {
    const more = missing.length > 1 ? ` (nor ${missing.length - 1} more, such as ${missing[1]})` : '';
    const cure = missing[0] === headName ? 'Set tie_word_embeddings to true where the model has no head' : match;
    fail(where, `must hold ${missing[0]}`, `no such tensor${more}`, cure);
  }
  for (const [name, file] of owners) {
    const tensor = tensors.get(name);
    if (tensor) {
      const { shape } = file.tensors.get(name)!;
      if (shape.join() !== tensor.shape.join())
        fail(`${file.source.name} ${name}`, `must be [${tensor.shape.join(', ')}]`, `[${shape.join(', ')}]`, match);
    } else if (!isIgnorable(config, name)) {
      fail(`${file.source.name} ${name}`, `must be a tensor of a ${config.modelType} model`, 'an unknown name', match);
    }
  }
}

function checkFinite(values: Float32Array, first: number, { name, shape }: HfTensor, file: SafetensorsFile): void {
  let bad = 0;
  while (isFinite(values[bad] ?? NaN)) bad++;
  if (bad === values.length) return;
  const index = first + bad;
  const at = shape.length === 2 ? `${Math.floor(index / shape[1]!)}, ${index % shape[1]!}` : `${index}`;
  fail(`${file.source.name} ${name}`, 'must hold finite numbers', `${values[bad]} at [${at}]`, damaged);
}

function checked(values: Float32Array<ArrayBuffer>, { parameter, shape }: HfPart, length: number) {
  if (values.length === length) return values;
  throw new ShapeError({
    where: parameter,
    rule: `must give ${length} values, being [${shape.join(', ')}]`,
    got: values.length,
    cure: 'Read it from a session of this model',
  });
}

const again = 'Download the model again';
const match = 'Take a config.json and weights that belong together';
const damaged = 'The checkpoint diverged or was damaged: take an earlier one, or download it again';

function fail(where: string, rule: string, got: string | number, cure: string): never {
  throw new WeightError({ where, rule, got, cure });
}
