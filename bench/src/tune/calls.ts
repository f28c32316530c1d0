/** Which calls are raced: of sizes that lie near each other one, small before large. */
import { doublings, type KernelCase } from '@circuit-tuning/core';
import { kernels as all } from '@circuit-tuning/kernels-wgsl';
import type { Work } from '../kernels/work.js';

/** Half of what a plan takes for near: what is raced then speaks for what is left out. */
const ALIKE = 0.5;

/** Opening buffers and pipelines takes about as long as so many operations. */
const OPENING = 2 ** 28;

/** Operations, or where no kernel counts them, numbers. */
export function operationsOf({ op: name, case: aCase }: Pick<Work, 'op' | 'case'>): number {
  const kernel = all.find(({ op, flops }) => op.name === name && flops) ?? all.find(({ op }) => op.name === name)!;
  const dims = { ...kernel.op.attrs, ...aCase.attrs, ...aCase.dims };
  return kernel.flops?.(dims) ?? Object.values(aCase.dims).reduce((product, size) => product * size, 1);
}

/** What racing a call costs, in proportion. */
export const costOf = (call: Work): number => OPENING + operationsOf(call);

export const isAlike = (a: KernelCase['dims'], b: KernelCase['dims']): boolean => doublings(a, b) <= ALIKE;

/** Small calls first: who falls far behind there need not run where that takes seconds. */
export function distinctCalls(work: readonly Work[]): Work[] {
  const kept: Work[] = [];
  for (const call of work) {
    const isKnown = kept.some(
      (it) => it.op === call.op && it.pass === call.pass && isAlike(it.case.dims, call.case.dims),
    );
    if (!isKnown) kept.push(call);
  }
  return kept.toSorted((a, b) => operationsOf(a) - operationsOf(b));
}
