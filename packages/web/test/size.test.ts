/** How much a browser has to fetch before it can begin. */
import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

const size = fileURLToPath(new URL('../../../scripts/size.mjs', import.meta.url));

it('the lab without its model is less than 400 kB, gzipped', () => {
  const all = JSON.parse(execFileSync(process.execPath, [size, '--json'], { encoding: 'utf8' })) as {
    readonly file: string;
    readonly bytes: number;
  }[];
  const files = all.filter(({ file }) => !file.startsWith('embedded/'));
  const lines = files.map(({ file, bytes }) => `${file} ${(bytes / 1000).toFixed(1)} kB`);
  process.stdout.write(`the lab, gzipped: ${lines.join(', ')}\n`);
  expect(files.map(({ file }) => file)).toEqual(
    expect.arrayContaining(['index.html', 'page.css', 'page.js', 'worker.js', 'serviceWorker.js', 'licences.txt']),
  );
  expect(files.reduce((sum, { bytes }) => sum + bytes, 0)).toBeLessThan(400_000);
});
