// `pnpm kernel:new <name> [--dry-run]`: the files of a new kernel (swish), or of a variant (matmulNT.mine), then `pnpm gen`.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { scaffold } from './scaffold.mjs';

const root = new URL('../../../', import.meta.url);
const read = (path) => {
  const file = new URL(path, root);
  return existsSync(file) ? readFileSync(file, 'utf8') : undefined;
};

const names = process.argv.slice(2).filter((word) => word !== '--dry-run');
try {
  const files = scaffold(names[0] ?? '', read);
  const isDry = process.argv.includes('--dry-run');
  for (const [path, text] of Object.entries(files)) {
    if (!isDry) writeFileSync(new URL(path, root), text);
    console.log(`${isDry ? 'would write' : 'wrote'} ${path}`);
  }
  if (!isDry) {
    await import('./gen.mjs');
    console.log(`fill the TODOs, then: pnpm gen && pnpm vitest run -t ${names[0]}`);
  }
} catch (error) {
  console.error(error.message);
  process.exitCode = 1;
}
