/** Timings as rows, and tables of them. */
import type { Kernel } from '@circuit-tuning/core';
import { digits, markdown } from '../markdown.js';
import type { Ceiling } from './ceiling.js';
import type { Pass, Timing } from './measure.js';
import { title, type Work } from './work.js';

export interface Row extends Timing {
  readonly op: string;
  readonly kernel: string;
  readonly pass: Pass;
  readonly case: string;
  /** That make this call. */
  readonly models: readonly string[];
  /** Whether a plan takes this kernel for it. */
  readonly isChosen: boolean;
  /** Of a forward pass whose kernel counts its operations. */
  readonly gflopPerSecond?: number;
  readonly gbPerSecond: number;
  /** The time that the adapter's ceilings allow, over the time taken. */
  readonly ofCeiling: number;
  /** The same of one core, by CPU time. */
  readonly ofCore?: number;
  /** Time of the naive kernel in the same run, over this one's. */
  readonly timesNaive?: number;
}

export function rowOf(
  kernel: Kernel,
  { pass, case: aCase, models }: Work,
  {
    timing,
    naive,
    ceiling,
    isChosen,
  }: { timing: Timing; naive: Timing | undefined; ceiling: Ceiling; isChosen: boolean },
): Row {
  const dims = { ...kernel.op.attrs, ...aCase.attrs, ...aCase.dims };
  const isForward = pass === 'forward';
  const bytes = (isForward && kernel.bytes?.(dims)) || timing.bytes;
  const flops = isForward ? kernel.flops?.(dims) : undefined;
  const gflopPerSecond = flops === undefined ? undefined : flops / timing.ms / 1e6;
  const gbPerSecond = bytes / timing.ms / 1e6;
  const share = (ms: number, of: Pick<Ceiling, 'gflopPerSecond' | 'gbPerSecond'>): number =>
    Math.max((flops ?? 0) / of.gflopPerSecond, bytes / of.gbPerSecond) / ms / 1e6;
  const { cpuMs } = timing;
  return {
    op: kernel.op.name,
    kernel: kernel.name,
    pass,
    case: title(aCase),
    models,
    isChosen,
    ...timing,
    ...(gflopPerSecond !== undefined && { gflopPerSecond }),
    gbPerSecond,
    ofCeiling: share(timing.ms, ceiling),
    ...(cpuMs && ceiling.ofCore && { ofCore: share(cpuMs, ceiling.ofCore) }),
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
