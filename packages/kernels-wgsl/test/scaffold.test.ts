import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { layoutOf } from '../scripts/layout.mjs';
import { scaffold } from '../scripts/scaffold.mjs';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const read = (path: string): string | undefined =>
  existsSync(root + path) ? readFileSync(root + path, 'utf8') : undefined;
const kernelsFolder = 'packages/kernels-wgsl/src/kernels';

test('a new kernel is an op, its line in the index, a shader and a descriptor', () => {
  const files = scaffold('swish', read);
  expect(Object.keys(files)).toEqual([
    'packages/core/src/ops/swish.ts',
    'packages/core/src/ops/index.ts',
    `${kernelsFolder}/swish.wgsl`,
    `${kernelsFolder}/swish.ts`,
  ]);
  const lines = files['packages/core/src/ops/index.ts']!.split('\n');
  expect(lines[lines.indexOf("export { swish } from './swish.js';") - 1]).toContain('./swiglu.js');
  expect(Object.keys(layoutOf(files[`${kernelsFolder}/swish.wgsl`]!).entries)).toEqual(['forward', 'backward']);
});

test('a variant starts as a copy of the readable kernel that nothing chooses', () => {
  const files = scaffold('matmulNT.mine', read);
  expect(Object.keys(files)).toEqual([`${kernelsFolder}/matmulNT.mine.wgsl`, `${kernelsFolder}/matmulNT.mine.ts`]);
  expect(layoutOf(files[`${kernelsFolder}/matmulNT.mine.wgsl`]!)).toEqual(
    layoutOf(read(`${kernelsFolder}/matmulNT.wgsl`)!),
  );
  const descriptor = files[`${kernelsFolder}/matmulNT.mine.ts`];
  expect(descriptor).toContain('export const matmulNTMine = defineKernel(op, {');
  expect(descriptor).toContain("import wgsl from './matmulNT.mine.wgsl';");
  expect(descriptor).toContain('rank: -1');
});

test.each([
  ['', "kernel:new: needs a name like swish, or matmulNT.mine for a variant, got ''"],
  ['Swish', "kernel:new: needs a name like swish, or matmulNT.mine for a variant, got 'Swish'"],
  ['gelu', `kernel:new: ${kernelsFolder}/gelu.wgsl exists already. Choose another name`],
  ['tap', "kernel:new: op 'tap' exists already. A variant of it is tap.mine"],
  ['swish.fast', "kernel:new: a variant needs its op, got 'swish'. Make the op first: kernel:new swish"],
])('%j is refused in words that help', (name, message) => {
  expect(() => scaffold(name, read)).toThrow(message);
});
