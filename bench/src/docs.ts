/** Puts what a bench has found where docs/performance.md shows it: between `<!-- bench step -->` and `<!-- end -->`. */
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

// seen from the bundle, packages/cli/.checkout/bench.js
const file = fileURLToPath(new URL('../../../docs/performance.md', import.meta.url));

/** @throws Error where the page has no such place */
export function replaced(page: string, name: string, found: string): string {
  const begin = `<!-- bench ${name} -->`;
  const from = page.indexOf(begin);
  const to = page.indexOf('<!-- end -->', from);
  if (from < 0 || to < 0) throw new Error(`docs/performance.md: needs a line '${begin}', and '<!-- end -->' after it.`);
  return `${page.slice(0, from + begin.length)}\n\n${found.trim()}\n\n${page.slice(to)}`;
}

export const intoDocs = (name: string, found: string): void =>
  writeFileSync(file, replaced(readFileSync(file, 'utf8'), name, found));
