// The lab: a page, its worker, and the embedded model and data, as static files that any host can serve from any folder.
import { createHash } from 'node:crypto';
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { common, licences } from './settings.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const source = join(root, 'packages/web/src');

/** What a page may do: all that it needs, and no address but its own and the hub's. */
const POLICY = {
  'default-src': "'self'",
  'connect-src': "'self' https://huggingface.co https://*.huggingface.co https://*.hf.co",
  'img-src': "'self' data: blob:",
  'style-src': "'self' 'unsafe-inline'", // charts and SVGs set their own
  'object-src': "'none'",
  'base-uri': "'none'",
  'form-action': "'none'",
};
const policy = Object.entries(POLICY).map((directive) => directive.join(' '));

/** What a host should send with every file. */
const HEADERS = {
  'Content-Security-Policy': [...policy, "frame-ancestors 'none'"].join('; '),
  'X-Content-Type-Options': 'nosniff',
  'Referrer-Policy': 'no-referrer',
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Resource-Policy': 'same-origin',
};

/** zod's messages in fifty languages, 300 kB that `import { z }` brings along; English ones come from a file of their own. */
const onlyEnglish = {
  name: 'only-english',
  setup({ onLoad }) {
    onLoad({ filter: /[\\/]zod[\\/]v4[\\/]locales[\\/]index\.js$/ }, () => ({ contents: '' }));
  },
};

/**
 * Products of operands rounded to f16: the lab refuses experiments that ask for them. And tiles for a lavapipe of LLVM 22,
 * which no browser offers, and none of which says what it is compiled by.
 */
const elsewhere = /\.(f16|subgroupMatrix\d+|unrolled16|unrolled64)\.wgsl$/;

/** Shaders without what only people read, a third of them gzipped. Lines stay lines: the compiler's errors name them. */
const bareShaders = {
  name: 'bare-shaders',
  setup({ onLoad }) {
    onLoad({ filter: /\.wgsl$/ }, ({ path }) => ({
      contents: (elsewhere.test(path) ? '' : readFileSync(path, 'utf8'))
        .replaceAll(/[ \t]*\/\/.*$/gm, '')
        .replaceAll(/^[ \t]+/gm, ''),
      loader: 'text',
    }));
  },
};

const browsers = {
  ...common,
  platform: 'browser',
  target: ['es2022', 'chrome113', 'firefox141', 'safari26'],
  conditions: ['@circuit-tuning/source'],
  minify: true,
  plugins: [onlyEnglish, bareShaders],
};

/** Writes a new folder, in place of what was there. */
export async function bundleLab(outdir) {
  rmSync(outdir, { recursive: true, force: true });
  mkdirSync(outdir, { recursive: true });
  // one by one: together they would share chunks, by file, and the page would wait for the engine's
  const entries = { page: 'page/main.tsx', worker: 'engine/worker.ts' };
  const inputs = await Promise.all(
    Object.entries(entries).map(async ([name, path]) => {
      const { metafile } = await build({
        ...browsers,
        entryPoints: { [name]: join(source, path) },
        outdir,
        // what only some visits need is fetched when it is asked for
        splitting: true,
        chunkNames: 'chunks/[name]-[hash]',
        jsx: 'automatic',
        jsxImportSource: 'preact',
        metafile: true,
        // zod would try to make code from text, which the policy refuses and the console tells
        banner: { js: 'globalThis.__zod_globalConfig??={jitless:!0};' },
      });
      return Object.keys(metafile.inputs);
    }),
  );
  const licence = readFileSync(join(root, 'LICENSE'), 'utf8').trim();
  const carried = [`circuit-tuning\n${licence}`, ...licences([...new Set(inputs.flat())].sort())];
  writeFileSync(join(outdir, 'licences.txt'), `${carried.join('\n\n---\n\n')}\n`);
  cpSync(join(root, 'packages/cli/assets/embedded'), join(outdir, 'embedded'), {
    recursive: true,
    filter: (path) => !/README\.md$|train\.yaml$/.test(path),
  });

  // the version says whether two pages are the same: a page holds its own, so it is made from all but the page
  const page = readFileSync(join(source, 'page/index.html'), 'utf8');
  const version = hash('hex', [page, ...Object.values(hashes(outdir))].join('\n')).slice(0, 12);
  writeFileSync(join(outdir, 'index.html'), withFacts(page, version));
  const { 'index.html': index, ...rest } = hashes(outdir);
  await build({
    ...browsers,
    entryPoints: { serviceWorker: join(source, 'page/offline/serviceWorker.ts') },
    outdir,
    // hosts may redirect index.html to its folder, and a page that came by a redirect cannot be kept
    define: { LAB_VERSION: JSON.stringify(version), LAB_FILES: JSON.stringify({ '': index, ...rest }) },
  });
  writeFileSync(join(outdir, 'headers.json'), `${JSON.stringify(HEADERS, null, 2)}\n`);
}

const hash = (encoding, bytes) => createHash('sha256').update(bytes).digest(encoding);

/** Path, with slashes, to what `integrity` of a request takes. */
function hashes(folder) {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const paths = files.map((entry) => relative(folder, join(entry.parentPath, entry.name)).split(sep).join('/'));
  return Object.fromEntries(
    paths.sort().map((path) => [path, `sha256-${hash('base64', readFileSync(join(folder, path)))}`]),
  );
}

/** The policy holds on hosts that send no headers too. */
function withFacts(html, version) {
  const metas = [
    `<meta http-equiv="Content-Security-Policy" content="${policy.join('; ')}" />`,
    `<meta name="lab-version" content="${version}" />`,
  ];
  return html.replace('<meta charset="utf-8" />', (charset) => [charset, ...metas].join('\n    '));
}
