/** What is asked to be timed: kernels by name, and the calls that models make of them. */
import { capabilitiesOf, type Kernel, type KernelCase, type Size } from '@circuit-tuning/core';
import { kernels as all } from '@circuit-tuning/kernels-wgsl';
import type { Gpu } from '@circuit-tuning/testkit';
import { shapeOf } from '../shapes.js';
import type { Pass } from './measure.js';
import { modelCalls } from './modelCalls.js';

/** @throws Error for a name that is neither an op nor a kernel */
export function wantedKernels(names: readonly string[]): Kernel[] {
  const found = names.map((name) => all.filter((kernel) => kernel.name === name || kernel.op.name === name));
  const stranger = names[found.findIndex((kernels) => kernels.length === 0)];
  if (stranger !== undefined) {
    const ops = [...new Set(all.map((kernel) => kernel.op.name))].join(', ');
    throw new Error(`bench kernels: must be an op or a kernel, got '${stranger}'. There are ${ops}.`);
  }
  return names.length === 0 ? [...all] : [...new Set(found.flat())];
}

export interface Work {
  readonly op: string;
  readonly pass: Pass;
  readonly case: KernelCase;
  /** That make this call. */
  readonly models: readonly string[];
}

/** 'M=33 N=40 K=17 without bias'. */
export function title({ dims, attrs, without = [] }: KernelCase): string {
  const numbers = Object.entries({ ...dims, ...attrs }).map(([letter, size]) => `${letter}=${size}`);
  return [...numbers, ...without.map((name) => `without ${name}`)].join(' ');
}

export const passesAt = (op: string, aCase: KernelCase): Work[] =>
  (['forward', 'backward'] as const).map((pass) => ({ op, pass, case: aCase, models: [] }));

export function workOf(
  { device, info }: Gpu,
  wanted: readonly Kernel[],
  { models, B, T, isWithCases }: { models: readonly string[]; B: number; T: number; isWithCases: boolean },
): Work[] {
  const ops = new Set(wanted.map(({ op }) => op.name));
  const calls = models.flatMap((model) =>
    modelCalls(shapeOf(model), capabilitiesOf(device, info), { B, T })
      .filter(({ op }) => ops.has(op.name))
      .map((call): Work => ({ ...call, op: call.op.name, models: [model] })),
  );
  const own = isWithCases ? wanted.flatMap(({ op, cases }) => cases.flatMap((it) => passesAt(op.name, it))) : [];
  const found = new Map<string, Work>();
  for (const work of [...calls, ...own]) {
    const key = `${work.op} ${work.pass} ${title(work.case)}`;
    found.set(key, { ...work, models: [...(found.get(key)?.models ?? []), ...work.models] });
  }
  return [...found.values()];
}

export function parseSize(text: string): Size {
  const parts = text.split(',').map((part) => /^(\w+)=(\d+)$/.exec(part));
  if (parts.every((part) => part !== null)) return Object.fromEntries(parts.map((part) => [part[1], Number(part[2])]));
  throw new Error(`--size: takes letters with numbers, as in M=256,N=64,K=64, got '${text}'.`);
}
