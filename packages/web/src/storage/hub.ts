/** What a model on a hub is made of, by the hub's public API (https://huggingface.co/docs/hub/api). */
import { ConfigError, type Folder } from '@circuit-tuning/core';
import { urlFolder, type UrlOptions } from '../files.js';

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

/** @throws ConfigError, WeightError, FileError. */
export async function hubModel(id: string, { hub }: HubOptions): Promise<HubModel> {
  throw new ConfigError({ where: id, rule: 'not here yet', got: hub, cure: 'Wait' });
}

/** Reads it from the hub in ranges, tensor by tensor, and keeps nothing: for browsers without storage. */
export const hubFolder = ({ id, revision }: HubModel, { hub, ...options }: HubOptions): Folder =>
  urlFolder(`${hub}/${id}/resolve/${revision}`, options);
