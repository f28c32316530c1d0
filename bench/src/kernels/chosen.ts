/** Which kernel a plan takes for a call. */
import { capabilitiesOf, plan, type Kernel } from '@circuit-tuning/core';
import { caseGraph, type Gpu } from '@circuit-tuning/testkit';
import type { Work } from './work.js';

/** By its name; undefined where none serves it. */
export function chosenFor(
  { device, info }: Gpu,
  kernels: readonly Kernel[],
  { op, pass, case: aCase }: Work,
): string | undefined {
  const readable = kernels.find(({ name }) => name === op)!;
  const { attrs, ...rest } = aCase;
  const isBackward = pass === 'backward';
  const { graph, watched } = caseGraph(readable.op, { ...rest, ...(attrs && { attrs }) }, isBackward, readable);
  const { dispatches } = plan(graph, { kernels, capabilities: capabilitiesOf(device, info), fetch: watched });
  const serving = new Set(kernels.filter((it) => it.op.name === op).map(({ name }) => name));
  return dispatches.find((it) => serving.has(it.kernel) && it.entry.startsWith(pass))?.kernel;
}
