// The bundles: of a page's script, of a package, of the CLI for a checkout, and of the lab.
import { dirname } from 'node:path';
import { build } from 'esbuild';
import { common, licences } from './settings.mjs';

export { bundleLab } from './bundleLab.mjs';

/** A module for a browser, minified, as text that can stand in an HTML file. Its default export is called. */
export async function bundlePage(specifier, resolveDir) {
  const { outputFiles, metafile } = await build({
    ...common,
    stdin: { contents: `import page from ${JSON.stringify(specifier)}; page();`, resolveDir },
    format: 'iife',
    platform: 'browser',
    target: ['es2022', 'chrome110', 'firefox115', 'safari16.4'],
    conditions: ['@circuit-tuning/source'],
    minify: true,
    write: false,
    metafile: true,
  });
  const comments = licences(Object.keys(metafile.inputs)).map((text) => `/*! ${text.replaceAll('*/', '* /')} */\n`);
  return comments.join('') + outputFiles[0].text;
}

/** `import script from 'some/module?page'` gives the text of `bundlePage`. */
const pages = {
  name: 'pages',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /\?page$/ }, ({ path, resolveDir, importer }) => ({
      path,
      namespace: 'page',
      pluginData: resolveDir || dirname(importer),
    }));
    onLoad({ filter: /.*/, namespace: 'page' }, async ({ path, pluginData }) => ({
      contents: await bundlePage(path.replace(/\?page$/, ''), pluginData),
      loader: 'text',
    }));
  },
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
    plugins: [pages],
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
    plugins: [pages],
    splitting: true,
    chunkNames: 'chunks/[name]-[hash]',
  });
