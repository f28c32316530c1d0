/** What a run of the page was made of, in the words of core's manifest. */
import { newManifest, NOT_HASHED, type Manifest } from '@circuit-tuning/core';
import type { BrowserGpu } from '../gpu.js';
import { webSha256 } from '../run.js';
import type { Opened } from './experimentFiles.js';

/** A file above this is not hashed: WebCrypto wants all of it in memory at once. */
const MOST_HASHED = 256 * 2 ** 20;

const hashText = (text: string): Promise<string> => webSha256(new TextEncoder().encode(text));

export function manifestHere(
  { prepared, texts }: Opened,
  { name, isSoftware, adapter }: BrowserGpu,
): Promise<Manifest> {
  const { vendor } = adapter.info;
  return newManifest(prepared, {
    argv: [],
    versions: {},
    platform: navigator.userAgent,
    adapter: { name, vendor, backend: 'browser', isSoftware, features: [...adapter.features].toSorted() },
    hashText,
    async hashModelFile(file) {
      const source = await prepared.base.folder.open(file);
      if (!source) return undefined;
      return source.size > MOST_HASHED ? NOT_HASHED : webSha256(await source.read(0, source.size));
    },
    async hashData(path) {
      const text = texts.get(path);
      return text === undefined ? undefined : hashText(text);
    },
  });
}
