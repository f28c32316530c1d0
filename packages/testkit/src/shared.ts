/** Models, data and reference numbers that are too large, or not ours, to be kept here: a folder beside the checkout. */
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/**
 * The path of something in ../shared, or undefined where it is absent: such a test is skipped and says so, as in
 * `it.skipIf(!path)('reads the real model (needs ../shared/models)', …)`.
 */
export function shared(path: string): string | undefined {
  const full = fileURLToPath(new URL(`../../../../shared/${path}`, import.meta.url));
  return existsSync(full) ? full : undefined;
}
