/** Which files of a hub model are taken, and what is said where none can be. */
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { hubFolder, hubModel } from '../../src/storage/index.js';
import { fakeHub, sha256, type FakeHub } from './fakeHub.js';

let hub: FakeHub;
beforeAll(async () => void (hub = await fakeHub()));
afterAll(() => hub.close());
beforeEach(() => {
  hub.files.clear();
  hub.asked.length = 0;
  for (const [name, text] of Object.entries({
    'config.json': '{}',
    'model.safetensors': 'weights',
    'tokenizer.json': '{"a":1}',
    'README.md': 'a card',
    'pytorch_model.bin': 'the same weights',
    'flax_model.msgpack': 'and again',
  }))
    hub.files.set(name, new TextEncoder().encode(text));
});
const model = (id = 'org/tiny') => hubModel(id, { hub: hub.address });
const put = (name: string, value: unknown): unknown =>
  hub.files.set(name, new TextEncoder().encode(JSON.stringify(value)));

it('takes what a model needs, of one commit, and nothing else', async () => {
  const { files, ...facts } = await model();
  expect(facts).toEqual({ id: 'org/tiny', revision: 'c0ffee', bytes: 16 });
  expect(files.map(({ name }) => name)).toEqual(['config.json', 'tokenizer.json', 'model.safetensors']);
  expect(files[2]).toMatchObject({ bytes: 7, sha256: sha256(new TextEncoder().encode('weights')) });
  expect(files[0]).not.toHaveProperty('sha256');
});

it('takes the shards that the index names', async () => {
  hub.files.delete('model.safetensors');
  for (const name of ['a.safetensors', 'b.safetensors', 'other.safetensors']) put(name, name);
  put('model.safetensors.index.json', { weight_map: { x: 'b.safetensors', y: 'a.safetensors', z: 'a.safetensors' } });
  const names = (await model()).files.map(({ name }) => name);
  expect(names).toEqual([
    'config.json',
    'tokenizer.json',
    'model.safetensors.index.json',
    'a.safetensors',
    'b.safetensors',
  ]);
  put('model.safetensors.index.json', { weight_map: { x: '../secret' } });
  await expect(model()).rejects.toThrow(
    'org/tiny/model.safetensors.index.json: must name files that lie beside it, got "../secret". ',
  );
});

it('reads a model from the hub where nothing can be kept', async () => {
  const folder = hubFolder(await model(), { hub: hub.address });
  expect(folder.name).toBe('org/tiny');
  const source = await folder.open('model.safetensors');
  expect(source?.size).toBe(7);
  expect(new TextDecoder().decode(await source!.read(2, 3))).toBe('igh');
  expect(await folder.open('vocab.json')).toBeUndefined();
});

it('says what to do where a model cannot be had', async () => {
  await expect(model('not a model')).rejects.toThrow(
    'the name of the model: must be as the hub writes it: org/name, got "not a model". ' +
      'Copy it from the page of the model, as in openai-community/gpt2.',
  );
  await expect(model('../etc')).rejects.toThrow('must be as the hub writes it');
  await expect(model('org/none')).rejects.toThrow(
    'org/none: must be on the hub, got 404 Not Found. Check its spelling',
  );
  await expect(model('org/closed')).rejects.toThrow(
    'org/closed: must be a model that anyone may download, got 401 Unauthorized. Check the spelling; one that is private',
  );
  await expect(model('org/gated')).rejects.toThrow('got one whose terms must be accepted first. ');
  await expect(model('org/odd')).rejects.toThrow(
    'the hub must answer as that of Hugging Face does, got something else.',
  );
  await expect(hubModel('org/tiny', { hub: 'http://127.0.0.1:1' })).rejects.toThrow(
    'http://127.0.0.1:1/api/models/org/tiny: the hub must answer, got fetch failed. Check the connection',
  );
});

it('says what is missing in a model of another layout', async () => {
  hub.files.delete('model.safetensors');
  await expect(model()).rejects.toThrow(
    'org/tiny: must have model.safetensors or model.safetensors.index.json, got weights in pickle files only. ',
  );
  hub.files.delete('pytorch_model.bin');
  await expect(model()).rejects.toThrow('got neither. ');
  hub.files.delete('config.json');
  await expect(model()).rejects.toThrow('must be a model in the layout of transformers, with config.json, got no');
});
