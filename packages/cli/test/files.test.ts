import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openModel, textFile, type OutputFile } from '@circuit-tuning/core';
import { shared } from '@circuit-tuning/testkit';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { nodeFolder, openFile, sha256, sha256File, writeFile, writeFolder } from '../src/files.js';

let dir: string;
beforeEach(() => (dir = mkdtempSync(join(tmpdir(), 'files-'))));
afterEach(() => rmSync(dir, { recursive: true }));

/** A file whose writing fails half-way as the system would make it fail. */
const failing = (code: string): OutputFile => ({
  name: 'model.safetensors',
  async *chunks() {
    yield new Uint8Array(4);
    throw Object.assign(new Error(code), { code });
  },
});
const fullDisk = existsSync('/dev/full');

describe('reading', () => {
  it('gives ranges of a file, and fewer bytes behind its end', async () => {
    writeFileSync(join(dir, 'a'), 'hello world');
    const source = (await openFile(join(dir, 'a')))!;
    expect(source.size).toBe(11);
    expect(Buffer.from(await source.read(6, 3)).toString()).toBe('wor');
    expect(Buffer.from(await source.read(8, 9)).toString()).toBe('rld');
  });

  it('finds nothing where there is no file, a folder, or a file in the way', async () => {
    writeFileSync(join(dir, 'a'), '');
    expect(await openFile(join(dir, 'b'))).toBeUndefined();
    expect(await openFile(dir)).toBeUndefined();
    expect(await openFile(join(dir, 'a', 'b'))).toBeUndefined();
  });

  const path = shared('models/stories260K');
  it.skipIf(!path)('opens a real model folder (needs ../shared/models)', async () => {
    const { config, weights, tokenizer } = await openModel(nodeFolder(path!));
    expect(config).toMatchObject({ L: 5, H: 8, K: 4, V: 512 });
    expect(await weights.read('embed.W_E', { from: 1, to: 2 })).toHaveLength(64);
    expect(tokenizer!.V).toBe(512);
  });

  it('hashes files as it hashes bytes', async () => {
    writeFileSync(join(dir, 'a'), 'hello');
    const hash = '2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824';
    expect(await sha256(Buffer.from('hello'))).toBe(hash);
    expect(await sha256File(join(dir, 'a'))).toBe(hash);
    await expect(sha256File(join(dir, 'b'))).rejects.toThrow(
      'b: must exist, got nothing of that name. Check the path.',
    );
  });
});

describe('writing a folder', () => {
  it('makes its parents and leaves nothing else behind', async () => {
    const place = join(dir, 'x', 'y', 'model');
    await writeFolder(place, [textFile('config.json', '{}'), textFile('README.md', '#')]);
    expect(readdirSync(place).toSorted()).toEqual(['README.md', 'config.json']);
    expect(readdirSync(join(dir, 'x', 'y'))).toEqual(['model']);
  });

  it('fills an empty folder, spares a full one, and replaces it only when told', async () => {
    const place = join(dir, 'model');
    mkdirSync(place);
    await writeFolder(place, [textFile('a', '1')]);
    await expect(writeFolder(place, [textFile('b', '2')])).rejects.toThrow(
      `${place}: must be a new or an empty folder, got one that holds a. Give another folder, or remove this one.`,
    );
    expect(readdirSync(place)).toEqual(['a']);
    await writeFolder(place, [textFile('b', '2')], { replace: true });
    expect(readdirSync(place)).toEqual(['b']);
    expect(readdirSync(dir)).toEqual(['model']);
  });

  it('loses nothing when the disk is full half-way', async () => {
    const place = join(dir, 'model');
    await writeFolder(place, [textFile('a', '1')]);
    await expect(writeFolder(place, [textFile('a', '2'), failing('ENOSPC')], { replace: true })).rejects.toThrow(
      `${place}: must lie on a disk with room for it, got a full one. Make room, or give another place.`,
    );
    expect(readFileSync(join(place, 'a'), 'utf8')).toBe('1');
    expect(readdirSync(dir)).toEqual(['model']);
  });

  it.each([
    ['EACCES', 'must be open to this user, got no permission. Give another place, or change its permissions.'],
    ['EROFS', 'must lie on a disk that can be written, got a read-only one. Give another place.'],
  ])('says what %s means', async (code, message) => {
    await expect(writeFolder(join(dir, 'model'), [failing(code)])).rejects.toThrow(message);
    expect(readdirSync(dir)).toEqual([]);
  });

  it('says when a file stands in the way', async () => {
    writeFileSync(join(dir, 'file'), 'keep');
    const inTheWay = 'must be a free place, got a path where a file stands in the way. Give another place.';
    await expect(writeFolder(join(dir, 'file'), [])).rejects.toThrow(inTheWay);
    await expect(writeFolder(join(dir, 'file', 'model'), [])).rejects.toThrow(inTheWay);
    expect(readFileSync(join(dir, 'file'), 'utf8')).toBe('keep');
  });

  it('passes on an error that is not about files', async () => {
    const broken: OutputFile = {
      name: 'a',
      async *chunks() {
        yield new Uint8Array(1);
        throw new TypeError('diverged');
      },
    };
    await expect(writeFolder(join(dir, 'model'), [broken])).rejects.toThrow(new TypeError('diverged'));
    expect(readdirSync(dir)).toEqual([]);
  });
});

describe('writing a file', () => {
  it('replaces it whole', async () => {
    const path = join(dir, 'deep', 'a.json');
    await writeFile(path, 'one');
    await writeFile(path, Buffer.from('two') as Uint8Array<ArrayBuffer>);
    expect(readFileSync(path, 'utf8')).toBe('two');
    expect(readdirSync(join(dir, 'deep'))).toEqual(['a.json']);
  });

  it('leaves the old one when its place cannot be written', async () => {
    writeFileSync(join(dir, 'file'), 'keep');
    await expect(writeFile(join(dir, 'file', 'a'), 'x')).rejects.toThrow('a file stands in the way');
    await expect(writeFile(dir, 'x')).rejects.toThrow('must be a file, got a folder of that name.');
    expect(readdirSync(dir)).toEqual(['file']);
  });

  it.skipIf(!fullDisk)('says so on a full disk (needs /dev/full)', async () => {
    // The part that is written beside its place leads to the device that is always full.
    symlinkSync('/dev/full', `${join(dir, 'a')}.partial-${process.pid}`);
    await expect(writeFile(join(dir, 'a'), 'x')).rejects.toThrow(
      'a: must lie on a disk with room for it, got a full one.',
    );
    expect(readdirSync(dir)).toEqual([]);
  });
});
