/** What benches have measured, a file for each adapter in bench/results. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { kernels } from '@circuit-tuning/kernels-wgsl';
import type { KernelsReport, Row } from './report.js';

// seen from the bundle, packages/cli/.checkout/bench.js, and from here: both lie as deep
export const resultsFolder = fileURLToPath(new URL('../../../bench/results', import.meta.url));

/** 'llvmpipe-mesa-25.0.7-llvm-15.0.6'. */
export const fileNameOf = (adapter: string): string =>
  (adapter.toLowerCase().match(/[a-z0-9.]+/g) ?? ['adapter']).join('-');

/** Replaces these rows in the adapter's file, leaves others, of kernels that there still are. @returns all of them */
export function keep({ adapter, ceiling, rows }: KernelsReport): KernelsReport & { readonly file: string } {
  mkdirSync(resultsFolder, { recursive: true });
  const file = join(resultsFolder, `${fileNameOf(adapter)}.json`);
  let known: readonly Row[] = [];
  try {
    known = (JSON.parse(readFileSync(file, 'utf8')) as KernelsReport).rows;
  } catch {
    // the first bench on this adapter
  }
  const keyOf = ({ kernel, pass, case: sizes }: Row): string => `${kernel} ${pass} ${sizes}`;
  const measured = new Set(rows.map(keyOf));
  const names = new Set(kernels.map(({ name }) => name));
  const others = known.filter((row) => names.has(row.kernel) && !measured.has(keyOf(row)));
  const kept: KernelsReport = {
    adapter,
    ceiling,
    rows: [...others, ...rows].toSorted((a, b) => a.op.localeCompare(b.op)),
  };
  writeFileSync(file, `${JSON.stringify(kept, null, 2)}\n`);
  return { ...kept, file };
}
