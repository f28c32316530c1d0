import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bytesOf, dtypeBytes, type TensorDType } from '../../src/io/dtypes.js';
import { openSafetensors, readFloats, readInts } from '../../src/io/safetensors.js';
import { writeHeader, writeSafetensors, type TensorData } from '../../src/io/safetensorsWrite.js';
import { memorySource, type Source } from '../../src/io/source.js';

// The same cases on every run.
fc.configureGlobal({ seed: 1 });

const f32 = (name: string, shape: number[], values: number[]): TensorData => ({
  name,
  shape,
  dtype: 'F32',
  bytes: bytesOf(Float32Array.from(values)),
});

/** A file with this header text and so many bytes of data. */
function fileOf(header: string, data = 0, announced?: bigint): Source {
  const text = new TextEncoder().encode(header);
  const bytes = new Uint8Array(8 + text.length + data);
  new DataView(bytes.buffer).setBigUint64(0, announced ?? BigInt(text.length), true);
  bytes.set(text, 8);
  return memorySource('a.safetensors', bytes);
}

const entry = (begin: number, end: number, shape = [(end - begin) / 4], dtype = 'F32') =>
  JSON.stringify({ dtype, shape, data_offsets: [begin, end] });

const opening = (source: Source) => openSafetensors(source).then(() => 'opened', String);

const halves = (dtype: TensorDType, bits: number[]): TensorData => {
  return { name: 'x', dtype, shape: [bits.length], bytes: new Uint8Array(Uint16Array.from(bits).buffer) };
};
const read = async (tensor: TensorData) =>
  readFloats(await openSafetensors(memorySource('a', writeSafetensors([tensor]))), 'x');

describe('safetensors', () => {
  it('reads back what it wrote: any names, shapes, dtypes and metadata', async () => {
    const tensor = fc
      .record({
        name: fc.string({ unit: 'grapheme' }).filter((name) => name !== '__metadata__'),
        dtype: fc.constantFrom(...(Object.keys(dtypeBytes) as TensorDType[])),
        shape: fc.array(fc.nat(4), { maxLength: 3 }),
        seed: fc.nat(255),
      })
      .map(({ name, dtype, shape, seed }): TensorData => {
        const size = shape.reduce((product, length) => product * length, dtypeBytes[dtype]);
        return { name, dtype, shape, bytes: Uint8Array.from({ length: size }, (_, i) => (seed + 31 * i) & 255) };
      });
    const files = fc.tuple(
      fc.uniqueArray(tensor, { selector: ({ name }) => name, maxLength: 6 }),
      fc.dictionary(fc.string(), fc.string()),
    );
    await fc.assert(
      fc.asyncProperty(files, async ([tensors, metadata]) => {
        const bytes = writeSafetensors(tensors, metadata);
        const file = await openSafetensors(memorySource('a.safetensors', bytes));
        expect(bytes).toEqual(writeSafetensors(tensors, metadata));
        expect(Object.entries(file.metadata).toSorted()).toEqual(Object.entries(metadata).toSorted());
        expect([...file.tensors.keys()].toSorted()).toEqual(tensors.map(({ name }) => name).toSorted());
        for (const { name, dtype, shape, bytes: data } of tensors) {
          const info = file.tensors.get(name)!;
          expect({ dtype: info.dtype, shape: info.shape }).toEqual({ dtype, shape });
          expect(bytes.slice(info.begin, info.end)).toEqual(data);
        }
      }),
      { seed: 1, numRuns: 200 },
    );
  });

  it('survives any damage with an error of its own, never with another one', async () => {
    const bytes = writeSafetensors([f32('a', [2, 3], [1, 2, 3, 4, 5, 6]), f32('b', [1], [7])], { format: 'pt' });
    await fc.assert(
      fc.asyncProperty(fc.nat(bytes.length - 1), fc.nat(255), fc.nat(bytes.length), async (at, value, length) => {
        const damaged = bytes.slice(0, length);
        if (at < length) damaged[at] = value;
        const outcome = await opening(memorySource('a.safetensors', damaged));
        expect(outcome).toMatch(/^(opened|WeightError: a\.safetensors)/);
      }),
      { seed: 1, numRuns: 500 },
    );
  });

  it('starts its data at a multiple of 8 and sorts metadata, as other writers do', () => {
    const { header, size } = writeHeader([{ name: 'a', dtype: 'F32', shape: [3] }], { z: '1', b: '2' });
    expect(header.byteLength % 8).toBe(0);
    expect(size).toBe(header.byteLength + 12);
    expect(new TextDecoder().decode(header.subarray(8)).trimEnd()).toBe(
      '{"__metadata__":{"b":"2","z":"1"},"a":{"dtype":"F32","shape":[3],"data_offsets":[0,12]}}',
    );
  });

  it('reads rows without reading the rest', async () => {
    const whole = memorySource('a', writeSafetensors([f32('a', [3, 2], [1, 2, 3, 4, 5, 6])]));
    const lengths: number[] = [];
    const file = await openSafetensors({
      ...whole,
      read: (offset, length) => (lengths.push(length), whole.read(offset, length)),
    });
    lengths.length = 0;
    expect([...(await readFloats(file, 'a', { from: 1, to: 3 }))]).toEqual([3, 4, 5, 6]);
    expect(lengths).toEqual([16]);
    await expect(readFloats(file, 'a', { from: 1, to: 4 })).rejects.toThrow('a a: rows must lie in 0..3, got 1..4.');
  });

  it('reads half precision exactly: subnormals, signed zero, infinity', async () => {
    const f16 = await read(halves('F16', [0x3c00, 0xc000, 0x0001, 0x03ff, 0x0400, 0x7bff, 0x8000, 0x7c00, 0x3555]));
    expect([...f16]).toEqual([1, -2, 2 ** -24, 1023 * 2 ** -24, 2 ** -14, 65504, -0, Infinity, 0.333251953125]);
    const bf16 = await read(halves('BF16', [0x3f80, 0xc000, 0x0001, 0x8000, 0xff80, 0x4049]));
    expect([...bf16]).toEqual([1, -2, 2 ** -133, -0, -Infinity, 3.140625]);
    expect([...(await read(halves('F16', [0x7e01]))), ...(await read(halves('BF16', [0x7fc1])))]).toEqual([NaN, NaN]);
  });

  it('reads whole numbers, doubles and booleans as f32, and int32 as it lies', async () => {
    const tensors: TensorData[] = [
      { name: 'i64', dtype: 'I64', shape: [2], bytes: new Uint8Array(BigInt64Array.of(-5n, 7n).buffer) },
      { name: 'f64', dtype: 'F64', shape: [1], bytes: new Uint8Array(Float64Array.of(0.1).buffer) },
      { name: 'bool', dtype: 'BOOL', shape: [2], bytes: Uint8Array.of(0, 1) },
      { name: 'i8', dtype: 'I8', shape: [1], bytes: Uint8Array.of(255) },
      // behind an odd number of bytes: not aligned
      { name: 'i32', dtype: 'I32', shape: [2], bytes: bytesOf(Int32Array.of(-1, 2 ** 30)) },
      { name: 'f8', dtype: 'F8_E4M3', shape: [1], bytes: Uint8Array.of(1) },
    ];
    const file = await openSafetensors(memorySource('a', writeSafetensors(tensors)));
    const numbers = async (name: string) => [...(await readFloats(file, name))];
    expect(await numbers('i64')).toEqual([-5, 7]);
    expect(await numbers('f64')).toEqual([Math.fround(0.1)]);
    expect(await numbers('bool')).toEqual([0, 1]);
    expect(await numbers('i8')).toEqual([-1]);
    expect(await numbers('i32')).toEqual([-1, 2 ** 30]);
    expect([...(await readInts(file, 'i32'))]).toEqual([-1, 2 ** 30]);
    await expect(readInts(file, 'f64')).rejects.toThrow('a f64: dtype must be I32, got F64.');
    await expect(numbers('f8')).rejects.toThrow(/a f8: dtype must be one of F32, .*, got F8_E4M3\. Convert/);
  });
});

describe('a damaged or lying safetensors file is refused', () => {
  const good = writeSafetensors([f32('a', [2], [1, 2]), f32('b', [2], [3, 4])]);
  const cases: [what: string, file: Source, message: string][] = [
    ['an empty file', memorySource('a.safetensors', new Uint8Array(0)), 'must be at least 8 bytes long, got 0 bytes'],
    [
      'a header cut off',
      memorySource('a.safetensors', good.slice(0, 40)),
      'must lie inside the file, got a file of 40 bytes',
    ],
    [
      'data cut off',
      memorySource('a.safetensors', good.slice(0, -1)),
      `b: must end inside the file of ${good.length - 1} bytes, got byte ${good.length}: the file is cut off`,
    ],
    ['bytes behind the last tensor', fileOf(`{"a":${entry(0, 8)}}`, 9), 'must end with its last tensor at byte'],
    [
      'a header longer than the file',
      fileOf('{}', 0, 1000n),
      'header of 1000 bytes must lie inside the file, got a file of 10 bytes',
    ],
    [
      'a header longer than any real one',
      fileOf('{}', 0, 25_000_001n),
      'header must be at most 25000000 bytes long, got 25000001. Is it a safetensors file?',
    ],
    ['a header length beyond 2^53', fileOf('{}', 0, 2n ** 64n - 1n), 'got 18446744073709551615'],
    ['something else', fileOf('PK'), 'header must be JSON, got'],
    ['a header that is no object', fileOf('[1]'), 'header must be a JSON object, got [1]'],
    ['a name that comes twice', fileOf(`{"a":${entry(0, 4)},"a":${entry(0, 4)}}`, 4), 'got "a" twice'],
    [
      'a name that comes twice in disguise',
      fileOf(`{"a":${entry(0, 4)},"\\u0061":${entry(4, 8)}}`, 8),
      'got "a" twice',
    ],
    ['metadata that are not strings', fileOf('{"__metadata__":{"n":1}}'), '__metadata__: must map strings to strings'],
    ['an entry that is no object', fileOf('{"a":3}'), 'a: must have dtype, shape and data_offsets, got 3'],
    ['an unknown dtype', fileOf(`{"a":${entry(0, 4, [1], 'Q4')}}`, 4), 'a: dtype must be one of F64, F32,'],
    ['a dtype named like a method', fileOf(`{"a":${entry(0, 4, [1], 'toString')}}`, 4), 'got "toString"'],
    ['a shape with a fraction', fileOf(`{"a":${entry(0, 4, [0.5])}}`, 4), 'shape must be a list of whole numbers'],
    ['a negative size', fileOf(`{"a":${entry(0, 4, [-1])}}`, 4), 'shape must be a list of whole numbers, got [-1]'],
    ['offsets in the wrong order', fileOf(`{"a":${entry(4, 0, [1])}}`, 4), 'begin at most end, got [4,0]'],
    ['three offsets', fileOf('{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4,8]}}', 4), 'got [0,4,8]'],
    ['offsets out of range', fileOf(`{"a":${entry(0, 400)}}`, 4), 'a: must end inside the file'],
    ['a shape that does not fit', fileOf(`{"a":${entry(0, 8, [3])}}`, 8), 'F32 of shape [3] must take 12 bytes, got 8'],
    [
      'a shape whose product overflows',
      fileOf(`{"a":${entry(0, 8, [2 ** 30, 2 ** 30, 2 ** 30])}}`, 8),
      'must take 4.951760157141521e+27 bytes, got 8',
    ],
    [
      'overlapping tensors',
      fileOf(`{"a":${entry(0, 8)},"b":${entry(4, 12)}}`, 12),
      'at byte 8 of the data, got byte 4',
    ],
    ['a hole', fileOf(`{"a":${entry(0, 4)},"b":${entry(8, 12)}}`, 12), 'got byte 8 of the data, which leaves a hole'],
    ['a hole before the first tensor', fileOf(`{"a":${entry(4, 8)}}`, 8), 'which leaves a hole'],
  ];
  it.each(cases)('%s', async (_, file, message) => {
    const outcome = await opening(file);
    expect(outcome).toMatch(/^WeightError: a\.safetensors/);
    expect(outcome).toContain(message);
  });

  it('a file that shrinks while it is read', async () => {
    const source = memorySource('a', good);
    const file = await openSafetensors({
      ...source,
      read: async (offset, length) =>
        (await source.read(offset, length)).subarray(0, length === 8 && offset ? 3 : length),
    });
    await expect(readFloats(file, 'b')).rejects.toThrow(/^a: must give 8 bytes from byte \d+ on, got 3\./);
  });

  it('a tensor that is not there', async () => {
    const file = await openSafetensors(memorySource('a', good));
    await expect(readFloats(file, 'c')).rejects.toThrow('a: must hold the tensor c, got none of that name.');
  });

  it('the writer refuses a name twice, and bytes that are not the shape', () => {
    expect(() => writeSafetensors([f32('a', [1], [1]), f32('a', [1], [1])])).toThrow(
      'safetensors a: names must be unique',
    );
    expect(() => writeSafetensors([f32('a', [2], [1])])).toThrow('F32 of shape [2] must take 8 bytes, got 4.');
  });
});
