// What the builds have in common: esbuild settings for Node and for a package's dist.
import { cpSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const common = {
  bundle: true,
  format: 'esm',
  target: ['es2023', 'node20.19'],
  loader: { '.wgsl': 'text' },
  legalComments: 'none',
  logLevel: 'warning',
};

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
  return `${licences(Object.keys(metafile.inputs))}${outputFiles[0].text}`;
}

/** Who carries another's code carries its licence too. */
function licences(inputs) {
  const folders = new Set(inputs.map((path) => /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(path)?.[0]).filter(Boolean));
  return [...folders]
    .map((folder) => {
      const { name, version } = JSON.parse(readFileSync(resolve(folder, 'package.json'), 'utf8'));
      const file = readdirSync(resolve(folder)).find((entry) => /^licen[cs]e/i.test(entry));
      const text = file ? readFileSync(join(resolve(folder), file), 'utf8').trim() : '';
      return `/*! ${name} ${version}\n${text.replaceAll('*/', '* /')} */\n`;
    })
    .join('');
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

/** The lab: a page, its worker, and the embedded model and data, as static files for any host. */
export async function bundleLab(outdir) {
  const source = fileURLToPath(new URL('../packages/web/src/', import.meta.url));
  const assets = fileURLToPath(new URL('../packages/cli/assets/embedded/', import.meta.url));
  await build({
    ...common,
    entryPoints: { page: join(source, 'page/main.tsx'), worker: join(source, 'engine/worker.ts') },
    outdir,
    platform: 'browser',
    target: ['es2022', 'chrome113', 'firefox141', 'safari26'],
    conditions: ['@circuit-tuning/source'],
    jsx: 'automatic',
    jsxImportSource: 'preact',
    minify: true,
  });
  cpSync(join(source, 'page/index.html'), join(outdir, 'index.html'));
  cpSync(assets, join(outdir, 'embedded'), { recursive: true });
}
