// What the builds have in common: esbuild settings for Node and for a package's dist.
import { build } from 'esbuild';

const common = {
  bundle: true,
  format: 'esm',
  target: ['es2023', 'node20.19'],
  loader: { '.wgsl': 'text' },
  legalComments: 'none',
  logLevel: 'warning',
};

/** The whole CLI in one file, for running from a checkout. Only what brings native code stays outside. */
export const bundleCheckout = ({ entry, outfile }) =>
  build({
    ...common,
    entryPoints: [entry],
    outfile,
    platform: 'node',
    conditions: ['@circuit-tuning/source'],
    external: ['webgpu', 'koffi'],
    // CommonJS dependencies ask for node's own modules through require
    banner: {
      js: "import { createRequire as $require } from 'node:module'; const require = $require(import.meta.url);",
    },
  });

/** A package's own sources, its dependencies left as imports. */
export const bundlePackage = ({ entries, outdir, platform, external }) =>
  build({
    ...common,
    entryPoints: entries,
    outbase: 'src',
    outdir,
    platform,
    external,
    splitting: true,
    chunkNames: 'chunks/[name]-[hash]',
  });
