// `pnpm train:embedded …`: bundles the training of the embedded model and runs it. Not part of the CLI that users get.
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { bundleCheckout } from './bundle.mjs';

const cli = fileURLToPath(new URL('../packages/cli', import.meta.url));
const outfile = join(cli, '.checkout/trainEmbedded.js');
await bundleCheckout({ entry: join(cli, 'src/embedded/main.ts'), outfile });
await import(pathToFileURL(outfile).href);
