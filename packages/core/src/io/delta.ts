/**
 * circuit_delta.safetensors: what tuning changed, and nothing else.
 * For each HF tensor that differs: `<tensor>.indices`, int32, flat and ascending, and `<tensor>.values`, f32; in the
 * metadata `sha256:<tensor>`, the hash of the tensor's bytes in the base. Applied to that base it gives the tuned
 * model bit for bit; on any other base it is refused.
 */
import { WeightError } from '../errors.js';
import { hfChunks, type Overlay, type Parameters, type Weights } from '../model/weights.js';
import { infoOf, openSafetensors, readBytes, readFloats, readInts } from './safetensors.js';
import { writeSafetensors, type TensorData } from './safetensorsWrite.js';
import type { Source } from './source.js';

/** Lower-case hex. WebCrypto or node:crypto, whichever the runtime has. */
export type Sha256 = (bytes: Uint8Array<ArrayBuffer>) => Promise<string>;

export const DELTA = 'circuit_delta.safetensors';
const FORMAT = 'circuit-delta';

/** The bytes of the delta file from `base` to `tuned`. A bit is a difference: -0 is not 0. */
export async function makeDelta(base: Weights, tuned: Parameters, sha256: Sha256): Promise<Uint8Array<ArrayBuffer>> {
  const tensors: TensorData[] = [];
  const metadata: Record<string, string> = { format: FORMAT, version: '1' };
  for (const tensor of base.tensors.values()) {
    const before = bitsOf(await base.readHf(tensor.name));
    // Room for every element: tuning everything changes nearly all of them.
    const indices = new Int32Array(before.length);
    const values = new Uint32Array(before.length);
    let first = 0;
    let count = 0;
    for await (const chunk of hfChunks(tensor, tuned)) {
      const after = new Uint32Array(chunk.buffer, chunk.byteOffset, chunk.byteLength / 4);
      for (let i = 0; i < after.length; i++)
        if (after[i] !== before[first + i]) {
          indices[count] = first + i;
          values[count++] = after[i]!;
        }
      first += after.length;
    }
    if (count === 0) continue;
    const shape = [count];
    const bytes = (numbers: Int32Array | Uint32Array) => new Uint8Array(numbers.slice(0, count).buffer);
    tensors.push({ shape, name: `${tensor.name}.indices`, dtype: 'I32', bytes: bytes(indices) });
    tensors.push({ shape, name: `${tensor.name}.values`, dtype: 'F32', bytes: bytes(values) });
    metadata[`sha256:${tensor.name}`] = await hashOf(base, tensor.name, sha256);
  }
  return writeSafetensors(tensors, metadata);
}

/**
 * What to hand to `openModel` together with the base's folder, so that its weights read as the tuned ones.
 * @throws WeightError for a file that is no delta, is damaged, or was made from another base.
 */
export async function readDelta(source: Source, base: Weights, sha256: Sha256): Promise<Overlay> {
  const file = await openSafetensors(source);
  if (file.metadata.format !== FORMAT || file.metadata.version !== '1')
    fail(source.name, `must be a ${FORMAT} of version 1`, `${file.metadata.format} ${file.metadata.version}`, take);
  const changes = new Map<string, { indices: Int32Array; values: Float32Array }>();
  for (const name of file.tensors.keys()) {
    if (!name.endsWith('.indices')) {
      infoOf(file, `${name.replace(/\.values$/, '')}.indices`);
      continue;
    }
    const tensor = name.slice(0, -'.indices'.length);
    const where = `${source.name} ${tensor}`;
    const target = base.tensors.get(tensor);
    if (!target) fail(where, 'must change a tensor of the base', 'one it does not have', take);
    const hash = await hashOf(base, tensor, sha256);
    const expected = file.metadata[`sha256:${tensor}`];
    if (expected !== hash) fail(where, `must be made from a base with sha256 ${expected}`, hash, take);
    const indices = await readInts(file, name);
    const values = await readFloats(file, `${tensor}.values`);
    const size = target.shape.reduce((product, length) => product * length, 1);
    if (values.length !== indices.length)
      fail(where, `must have a value for each of ${indices.length} indices`, values.length, again);
    for (const [i, index] of indices.entries())
      if (index <= (indices[i - 1] ?? -1) || index >= size)
        fail(where, `indices must rise and stay below ${size}`, `${index} at ${i}`, again);
    changes.set(tensor, { indices, values });
  }
  return ({ name }, values, first) => {
    const change = changes.get(name);
    if (!change) return;
    for (let i = 0; i < change.indices.length; i++) {
      const index = change.indices[i]! - first;
      if (index >= 0 && index < values.length) values[index] = change.values[i]!;
    }
  };
}

const hashOf = async (base: Weights, tensor: string, sha256: Sha256): Promise<string> =>
  sha256(await readBytes(base.fileOf(tensor), tensor));

const bitsOf = (values: Float32Array<ArrayBuffer>): Uint32Array =>
  new Uint32Array(values.buffer, values.byteOffset, values.length);

const take = 'Take the delta and the base that belong together';
const again = 'Make or download the delta again';

function fail(where: string, rule: string, got: string | number, cure: string): never {
  throw new WeightError({ where, rule, got, cure });
}
