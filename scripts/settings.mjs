// What all builds have in common: esbuild's settings, and the licences of what is bundled.
import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

export const common = {
  bundle: true,
  format: 'esm',
  target: ['es2023', 'node20.19'],
  loader: { '.wgsl': 'text' },
  legalComments: 'none',
  logLevel: 'warning',
};

/** Name, version and licence of every package among esbuild's inputs: who carries another's code carries its licence too. */
export function licences(inputs) {
  const folders = new Set(inputs.map((path) => /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(path)?.[0]).filter(Boolean));
  return [...folders].map((folder) => {
    const { name, version } = JSON.parse(readFileSync(resolve(folder, 'package.json'), 'utf8'));
    const file = readdirSync(resolve(folder)).find((entry) => /^licen[cs]e/i.test(entry));
    return `${name} ${version}\n${file ? readFileSync(join(resolve(folder), file), 'utf8').trim() : ''}`;
  });
}
