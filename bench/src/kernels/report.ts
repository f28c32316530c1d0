/** Timings as rows: for people a table, for machines a file for each adapter. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Kernel, KernelCase, Size } from '@circuit-tuning/core';
import type { Pass, Timing } from './measure.js';

export interface Row extends Timing {
  readonly kernel: string;
  readonly pass: Pass;
  readonly case: string;
  /** Of what must at least cross memory and be computed, as the descriptor says; forward only. */
  readonly gbPerSecond?: number;
  readonly gflopPerSecond?: number;
  /** Time of the naive kernel in the same run, over this one's. */
  readonly timesNaive?: number;
}

/** 'M=33 N=40 K=17 without bias'. */
export function title({ dims, attrs, without = [] }: KernelCase): string {
  const numbers = Object.entries({ ...dims, ...attrs }).map(([letter, size]) => `${letter}=${size}`);
  return [...numbers, ...without.map((name) => `without ${name}`)].join(' ');
}

const digits = (value: number, count: number): number => Number(value.toPrecision(count));

export function rowOf(kernel: Kernel, pass: Pass, aCase: KernelCase, timing: Timing, naive: Timing | undefined): Row {
  const dims = { ...kernel.op.attrs, ...aCase.attrs, ...aCase.dims };
  const rate = (amount: ((dims: Size) => number) | undefined): number | undefined =>
    pass === 'forward' && amount ? digits(amount(dims) / timing.ms / 1e6, 3) : undefined;
  const gbPerSecond = rate(kernel.bytes);
  const gflopPerSecond = rate(kernel.flops);
  return {
    kernel: kernel.name,
    pass,
    case: title(aCase),
    ms: digits(timing.ms, 4),
    best: digits(timing.best, 4),
    clock: timing.clock,
    ...(gbPerSecond !== undefined && { gbPerSecond }),
    ...(gflopPerSecond !== undefined && { gflopPerSecond }),
    ...(naive && { timesNaive: digits(naive.ms / timing.ms, 3) }),
  };
}

const withUnit = (value: number | undefined, unit: string): string => (value === undefined ? '' : `${value} ${unit}`);

export function table(adapter: string, rows: readonly Row[]): string {
  const cells = rows.map((row) => [
    row.case,
    row.kernel + (row.pass === 'backward' ? ' backward' : ''),
    withUnit(digits(row.ms, 3), 'ms'),
    withUnit(row.gbPerSecond, 'GB/s'),
    withUnit(row.gflopPerSecond, 'GFLOP/s'),
    withUnit(row.timesNaive, '× naive'),
  ]);
  const widths = cells.reduce<number[]>((most, line) => line.map((cell, i) => Math.max(cell.length, most[i] ?? 0)), []);
  const lines = cells.map((line) =>
    line.map((cell, i) => (i < 2 ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!))).join('  '),
  );
  return [`${adapter}, medians by ${rows[0]?.clock ?? 'no'} clock`, ...lines].join('\n');
}

// seen from the bundle, packages/cli/.checkout/bench.js
const folder = fileURLToPath(new URL('../../../bench/results', import.meta.url));

/** Replaces the numbers of this op in the adapter's file, leaves those of others. @returns the file */
export function keep(adapter: string, op: string, rows: readonly Row[]): string {
  mkdirSync(folder, { recursive: true });
  const words = adapter.toLowerCase().match(/[a-z0-9.]+/g) ?? ['adapter'];
  const file = join(folder, `${words.join('-')}.json`);
  let known: Record<string, readonly Row[]> = {};
  try {
    known = (JSON.parse(readFileSync(file, 'utf8')) as { ops: typeof known }).ops;
  } catch {
    // the first bench on this adapter
  }
  const ops = Object.entries({ ...known, [op]: rows }).toSorted(([a], [b]) => a.localeCompare(b));
  writeFileSync(file, `${JSON.stringify({ adapter, ops: Object.fromEntries(ops) }, null, 2)}\n`);
  return file;
}
