// `pnpm size`: bundles the lab and says how many bytes each file takes on the way, gzipped. `--json` for machines.
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative, sep } from 'node:path';
import { gzipSync } from 'node:zlib';
import { bundleLab } from './bundle.mjs';

const folder = mkdtempSync(join(tmpdir(), 'lab-'));
await bundleLab(folder);
const files = readdirSync(folder, { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile())
  .map((entry) => join(entry.parentPath, entry.name))
  .map((path) => ({
    file: relative(folder, path).split(sep).join('/'),
    bytes: gzipSync(readFileSync(path), { level: 9 }).byteLength,
  }))
  .sort((a, b) => b.bytes - a.bytes);
rmSync(folder, { recursive: true });

if (process.argv.includes('--json')) console.log(JSON.stringify(files));
else {
  const isEmbedded = ({ file }) => file.startsWith('embedded/');
  const line = (name, of) => {
    const bytes = of.reduce((sum, file) => sum + file.bytes, 0);
    console.log(`${name.padEnd(24)} ${(bytes / 1000).toFixed(1).padStart(8)} kB`);
  };
  const page = files.filter((file) => !isEmbedded(file));
  for (const file of page) line(file.file, [file]);
  line('all of the page', page);
  line('embedded model and data', files.filter(isEmbedded));
}
