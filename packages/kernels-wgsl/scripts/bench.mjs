// `pnpm bench <op or kernel>` in a checkout: bundles bench/main.ts and runs it.
import { mkdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { bundleCheckout } from '../../../scripts/bundle.mjs';

// Beside the CLI's own bundle, from where the native package that opens the device is found.
const folder = new URL('../../cli/.checkout/', import.meta.url);
mkdirSync(folder, { recursive: true });
const outfile = new URL('bench.js', folder);
await bundleCheckout({
  entry: fileURLToPath(new URL('../bench/main.ts', import.meta.url)),
  outfile: fileURLToPath(outfile),
});
const { main } = await import(outfile.href);
process.exitCode = await main(process.argv.slice(2), fileURLToPath(new URL('../bench/results', import.meta.url)));
