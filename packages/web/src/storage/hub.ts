/** What a model on a hub is made of, by the hub's public API (https://huggingface.co/docs/hub/api). */
import { ConfigError, show, WeightError, type Folder, besideWeights, INDEX } from '@circuit-tuning/core';
import * as z from 'zod';
import { FileError, urlFolder, type UrlOptions } from '../files.js';

export interface HubOptions extends UrlOptions {
  /** Address of the hub, e.g. https://huggingface.co. */
  readonly hub: string;
}

export interface HubFile {
  readonly name: string;
  readonly bytes: number;
  /** Changes whenever the file does. */
  readonly version: string;
  /** Of files that the hub keeps as LFS objects: weights, and large tokenizers. */
  readonly sha256?: string;
}

export interface HubModel {
  /** org/name. */
  readonly id: string;
  /** The commit that all of its files are taken from. */
  readonly revision: string;
  /** Only what the model needs: config, tokenizer, safetensors. */
  readonly files: readonly HubFile[];
  readonly bytes: number;
}

const modelSchema = z.object({ sha: z.string(), gated: z.union([z.boolean(), z.string()]).default(false) });
const treeSchema = z.array(
  z.object({
    type: z.string(),
    path: z.string(),
    size: z.number(),
    oid: z.string(),
    lfs: z.object({ oid: z.string() }).optional(),
  }),
);
const indexSchema = z.object({ weight_map: z.record(z.string(), z.string()) });

export const fileUrl = ({ id, revision }: Pick<HubModel, 'id' | 'revision'>, hub: string, file: string): string =>
  `${hub.replace(/\/$/, '')}/${id}/resolve/${revision}/${encodeURIComponent(file)}`;

/** @throws ConfigError, WeightError, FileError. */
export async function hubModel(id: string, options: HubOptions): Promise<HubModel> {
  if (!/^[\w-][\w.-]*(\/[\w-][\w.-]*)?$/.test(id))
    throw new ConfigError({
      where: 'the name of the model',
      rule: 'must be as the hub writes it: org/name',
      got: show(id),
      cure: 'Copy it from the page of the model, as in openai-community/gpt2',
    });
  const api = `${options.hub.replace(/\/$/, '')}/api/models/${id}`;
  const { sha: revision, gated } = await getJson(id, api, modelSchema, options);
  if (gated !== false) throw closed(id, 'one whose terms must be accepted first');
  const tree = await getJson(id, `${api}/tree/${revision}`, treeSchema, options);
  const present = new Map(tree.filter(({ type }) => type === 'file').map((file) => [file.path, file]));
  if (!present.has('config.json'))
    throw new ConfigError({
      where: id,
      rule: 'must be a model in the layout of transformers, with config.json',
      got: 'no config.json',
      cure: 'Choose a model that transformers loads',
    });
  const weights = await weightFiles(id, revision, present, options);
  const files = [...besideWeights(present.keys()), ...weights].map((name): HubFile => {
    const { size, oid, lfs } = present.get(name)!;
    return { name, bytes: size, version: oid, ...(lfs && { sha256: lfs.oid }) };
  });
  return { id, revision, files, bytes: files.reduce((sum, { bytes }) => sum + bytes, 0) };
}

/** Reads it from the hub in ranges, tensor by tensor, and keeps nothing: for browsers without storage. */
export const hubFolder = (model: HubModel, { hub, ...options }: HubOptions): Folder => ({
  ...urlFolder(fileUrl(model, hub, '').replace(/\/$/, ''), options),
  name: model.id,
});

async function weightFiles(
  id: string,
  revision: string,
  present: ReadonlyMap<string, unknown>,
  options: HubOptions,
): Promise<string[]> {
  if (present.has('model.safetensors')) return ['model.safetensors'];
  if (!present.has(INDEX)) {
    const hasPickle = [...present.keys()].some((name) => name.endsWith('.bin') || name.endsWith('.pt'));
    throw new WeightError({
      where: id,
      rule: `must have model.safetensors or ${INDEX}`,
      got: hasPickle ? 'weights in pickle files only' : 'neither',
      cure: 'Choose a model whose weights are safetensors, or save it as such with transformers and drop its folder here',
    });
  }
  const { weight_map: map } = await getJson(id, fileUrl({ id, revision }, options.hub, INDEX), indexSchema, options);
  const shards = [...new Set(Object.values(map))].toSorted();
  const missing = shards.find((name) => !present.has(name));
  if (missing !== undefined)
    throw new WeightError({
      where: `${id}/${INDEX}`,
      rule: 'must name files that lie beside it',
      got: show(missing),
      cure: 'Choose another model, or tell its makers',
    });
  return [INDEX, ...shards];
}

async function getJson<T>(id: string, url: string, schema: z.ZodType<T>, options: HubOptions): Promise<T> {
  const { fetch: get = globalThis.fetch, signal } = options;
  let response: Response;
  try {
    response = await get(url, signal ? { signal } : {});
  } catch (error) {
    if (signal?.aborted) throw error;
    const got = error instanceof Error ? error.message : 'a failed request';
    const cure = 'Check the connection, or drop the folder of the model here';
    throw new FileError({ where: url, rule: 'the hub must answer', got, cure }, { cause: error });
  }
  requireOpen(id, response);
  const parsed = schema.safeParse(await response.json().catch(() => undefined));
  if (parsed.success) return parsed.data;
  throw new FileError({
    where: url,
    rule: 'the hub must answer as that of Hugging Face does',
    got: 'something else',
    cure: 'Give the address of a hub, or drop the folder of the model here',
  });
}

/** @throws ConfigError or FileError where the hub does not give it. */
export function requireOpen(id: string, { ok, status, statusText }: Response): void {
  if (ok) return;
  const got = `${status} ${statusText}`.trim();
  // the hub says 401 also of models that do not exist, so as not to tell who has private ones
  if (status === 401 || status === 403) throw closed(id, got);
  if (status === 404)
    throw new ConfigError({
      where: id,
      rule: 'must be on the hub',
      got,
      cure: 'Check its spelling on the page of the model, as in openai-community/gpt2',
    });
  throw new FileError({
    where: id,
    rule: 'the hub must send it',
    got,
    cure: status === 429 ? 'The hub asks to wait: try again in some minutes' : 'Try again later',
  });
}

const closed = (id: string, got: string): ConfigError =>
  new ConfigError({
    where: id,
    rule: 'must be a model that anyone may download',
    got,
    cure: "Check the spelling; one that is private, or asks to accept its terms, is downloaded with the hub's own tools, and its folder dropped here",
  });
