import { defineConfig } from 'vitest/config';

const conditions = ['@circuit-tuning/source', 'module', 'node', 'development|production'];

const wgsl = {
  name: 'wgsl',
  transform: (code: string, id: string) =>
    id.endsWith('.wgsl') ? `export default ${JSON.stringify(code)}` : undefined,
};

export default defineConfig({
  plugins: [wgsl],
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  test: {
    include: ['packages/*/test/**/*.test.ts'],
    reporters: ['default', './scripts/countReporter.mjs'],
    // Dawn keeps native threads: a process per file, so that a crash in one names its file
    pool: 'forks',
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});
