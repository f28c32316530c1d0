import { dirname } from 'node:path';
import { defineConfig } from 'vitest/config';
import { bundlePage } from './scripts/bundle.mjs';

const conditions = ['@circuit-tuning/source', 'module', 'node', 'development|production'];

const wgsl = {
  name: 'wgsl',
  transform: (code: string, id: string) =>
    id.endsWith('.wgsl') ? `export default ${JSON.stringify(code)}` : undefined,
};

/** Browser code that a Node module holds as text, see `bundlePage`; `\0` keeps others from reading the id as a file. */
const page = {
  name: 'page',
  enforce: 'pre' as const,
  resolveId: (id: string, importer = '') => (id.endsWith('?page') ? `\0page:${dirname(importer)}:${id}` : undefined),
  load: async (id: string) => {
    const [, folder, specifier] = /^\0page:(.*):(.*)\?page$/.exec(id) ?? [];
    return specifier ? `export default ${JSON.stringify(await bundlePage(specifier, folder))}` : undefined;
  },
};

export default defineConfig({
  plugins: [wgsl, page],
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  test: {
    include: ['{packages/*,bench}/test/**/*.test.ts'],
    setupFiles: ['./packages/testkit/src/setup.ts'],
    reporters: ['default', './scripts/countReporter.mjs'],
    // Dawn keeps native threads: a process per file, so that a crash in one names its file
    pool: 'forks',
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});
