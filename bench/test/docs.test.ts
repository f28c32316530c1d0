import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { replaced } from '../src/docs.js';

describe('docs/performance.md', () => {
  it('has a place for what each bench finds', () => {
    const page = readFileSync(new URL('../../docs/performance.md', import.meta.url), 'utf8');
    for (const name of ['limit', 'step', 'peers', 'scaling', 'kernels', 'select'])
      expect(replaced(page, name, 'found this')).toContain(`<!-- bench ${name} -->\n\nfound this\n\n<!-- end -->`);
  });

  it('says which line is missing', () => {
    expect(() => replaced('', 'step', 'found this')).toThrow(
      "docs/performance.md: needs a line '<!-- bench step -->', and '<!-- end -->' after it.",
    );
  });
});
