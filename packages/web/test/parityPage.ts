/** The page of the parity test: runs the experiment, and hands back what the CLI would have written. */
import { memoryKeeper } from '@circuit-tuning/core';
import { openExperiment, runInPage, webSha256 } from '../src/index.js';

export interface PageRun {
  /** Texts of the run, by path. */
  readonly texts: Readonly<Record<string, string>>;
  /** sha256 of all files, by path. */
  readonly hashes: Readonly<Record<string, string>>;
}

async function run(): Promise<PageRun> {
  const keeper = memoryKeeper(webSha256);
  const prepared = await openExperiment('/web/test/parity.yaml', { embedded: '/cli/assets/embedded/model' });
  for await (const event of runInPage(prepared, { keeper })) void event;
  const texts: Record<string, string> = {};
  const hashes: Record<string, string> = {};
  for (const [path, bytes] of keeper.files) {
    hashes[path] = await webSha256(bytes);
    if (/\.jsonl?$/.test(path)) texts[path] = new TextDecoder().decode(bytes);
  }
  return { texts, hashes };
}

export default (): void => void Object.assign(globalThis, { run });
