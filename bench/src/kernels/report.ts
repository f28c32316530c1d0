/** Timings as rows: for people a table, for machines a file for each adapter. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Kernel, KernelCase } from '@circuit-tuning/core';
import { digits, markdown } from '../markdown.js';
import type { Ceiling } from './ceiling.js';
import type { Pass, Timing } from './measure.js';

export interface Row extends Timing {
  readonly op: string;
  readonly kernel: string;
  readonly pass: Pass;
  readonly case: string;
  /** Of a forward pass whose kernel counts its operations. */
  readonly gflopPerSecond?: number;
  readonly gbPerSecond: number;
  /** The time that the adapter's ceilings allow, over the time taken. */
  readonly ofCeiling: number;
  /** Time of the naive kernel in the same run, over this one's. */
  readonly timesNaive?: number;
}

/** 'M=33 N=40 K=17 without bias'. */
export function title({ dims, attrs, without = [] }: KernelCase): string {
  const numbers = Object.entries({ ...dims, ...attrs }).map(([letter, size]) => `${letter}=${size}`);
  return [...numbers, ...without.map((name) => `without ${name}`)].join(' ');
}

export function rowOf(
  kernel: Kernel,
  pass: Pass,
  aCase: KernelCase,
  { timing, naive, ceiling }: { timing: Timing; naive: Timing | undefined; ceiling: Ceiling },
): Row {
  const dims = { ...kernel.op.attrs, ...aCase.attrs, ...aCase.dims };
  const isForward = pass === 'forward';
  const bytes = (isForward && kernel.bytes?.(dims)) || timing.bytes;
  const flops = isForward ? kernel.flops?.(dims) : undefined;
  const gflopPerSecond = flops === undefined ? undefined : flops / timing.ms / 1e6;
  const gbPerSecond = bytes / timing.ms / 1e6;
  return {
    op: kernel.op.name,
    kernel: kernel.name,
    pass,
    case: title(aCase),
    ...timing,
    ...(gflopPerSecond !== undefined && { gflopPerSecond }),
    gbPerSecond,
    ofCeiling: Math.max((gflopPerSecond ?? 0) / ceiling.gflopPerSecond, gbPerSecond / ceiling.gbPerSecond),
    ...(naive && { timesNaive: naive.ms / timing.ms }),
  };
}

export interface KernelsReport {
  readonly adapter: string;
  readonly ceiling: Ceiling;
  readonly rows: readonly Row[];
}

export function printKernels({ adapter, ceiling, rows }: KernelsReport): string {
  const lines = rows.map((row) => [
    `${row.kernel}${row.pass === 'backward' ? ' backward' : ''}`,
    row.case,
    digits(row.ms),
    digits(row.gflopPerSecond),
    digits(row.gbPerSecond),
    `${Math.round(100 * row.ofCeiling)}%`,
    digits(row.timesNaive),
  ]);
  const { gflopPerSecond, gbPerSecond } = ceiling;
  return [
    `${adapter}, medians by ${rows[0]?.clock ?? 'no'} clock`,
    `ceiling: ${digits(gflopPerSecond)} GFLOP/s of multiply-adds in registers, ${digits(gbPerSecond)} GB/s of copying`,
    '',
    markdown(['kernel', 'sizes', 'ms', 'GFLOP/s', 'GB/s', 'of the ceiling', 'times naive'], lines),
  ].join('\n');
}

// seen from the bundle, packages/cli/.checkout/bench.js, and from here: both lie as deep
export const resultsFolder = fileURLToPath(new URL('../../../bench/results', import.meta.url));

/** 'llvmpipe-mesa-25.0.7-llvm-15.0.6'. */
export const fileNameOf = (adapter: string): string =>
  (adapter.toLowerCase().match(/[a-z0-9.]+/g) ?? ['adapter']).join('-');

/** Replaces the numbers of these ops in the adapter's file, leaves those of others. @returns the file */
export function keep({ adapter, ceiling, rows }: KernelsReport): string {
  mkdirSync(resultsFolder, { recursive: true });
  const file = join(resultsFolder, `${fileNameOf(adapter)}.json`);
  let known: readonly Row[] = [];
  try {
    known = (JSON.parse(readFileSync(file, 'utf8')) as KernelsReport).rows;
  } catch {
    // the first bench on this adapter
  }
  const measured = new Set(rows.map(({ op }) => op));
  const all = [...known.filter(({ op }) => !measured.has(op)), ...rows];
  const kept: KernelsReport = { adapter, ceiling, rows: all.toSorted((a, b) => a.op.localeCompare(b.op)) };
  writeFileSync(file, `${JSON.stringify(kept, null, 2)}\n`);
  return file;
}
