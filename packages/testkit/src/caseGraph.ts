/** A kernel's case as a graph of one call with made-up contents: what the generic test checks and the bench times. */
import {
  cotangentName,
  dtypeOf,
  grad,
  Graph,
  shapeOf,
  sizeOf,
  type Kernel,
  type KernelCase,
  type Op,
  type Size,
  type Value,
} from '@circuit-tuning/core';

/** Uniform in [-1, 1), the same on every machine (a 32-bit LCG, Numerical Recipes' constants). */
export const randomFrom = (seed: number) => (): number =>
  (seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0) / 2 ** 31 - 1;

/** Made-up numbers that f16 holds: the same as in f32 but for their last bits. */
const halves = (values: Float64Array): Float64Array => values.map((value) => Math.round(value * 2 ** 10) / 2 ** 10);

/** One call, everything it reads, and what to look at afterwards. */
export interface CaseGraph {
  graph: Graph;
  leaves: Map<string, Float64Array>;
  outs: Record<string, Value>;
  /** Values whose content the kernel decides: outputs, what it saves, and cotangents where there is a gradient. */
  watched: Record<string, Value>;
  dims: Size;
}

/** The case as a graph of one call, with its gradient when the op has one. All saved tensors are watched where no kernel is given. */
export function caseGraph(
  op: Op,
  { dims: sizes, attrs, without = [] }: KernelCase,
  isGraded: boolean,
  kernel?: Kernel,
): CaseGraph {
  const random = randomFrom(7);
  const dims = { ...op.attrs, ...attrs, ...sizes };
  const given = op.example?.(dims, random) ?? {};
  const graph = new Graph();
  const leaves = new Map<string, Float64Array>();
  const leaf = (name: string, shape: string, data?: Float64Array): Value => {
    const dtype = dtypeOf(shape);
    const values = data ?? Float64Array.from({ length: sizeOf(shape, dims) }, random);
    leaves.set(name, dtype === 'f16' ? halves(values) : values.map(Math.fround));
    const isState = Object.values(op.inPlace).includes(name);
    return isState ? graph.state(name, shapeOf(shape, dims)) : graph.input(name, shapeOf(shape, dims), dtype);
  };
  const ins: Record<string, Value> = {};
  for (const [name, shape] of Object.entries(op.inputs))
    if (!without.includes(name)) ins[name] = leaf(name, shape, given[name]);
  const all = graph.call(op, ins, { dims: sizes, ...(attrs && { attrs }) });
  const outs = Object.fromEntries(Object.keys(op.outputs).map((name) => [name, all[name]!]));
  const isWritten = (tensor: string): boolean =>
    !kernel ||
    !(tensor in op.saved) ||
    Object.values(kernel.layout.entries).some(({ bindings }) =>
      bindings.some((bound) => bound.tensor === tensor && bound.access === 'read_write'),
    );
  const watched: Record<string, Value> = Object.fromEntries(Object.entries(all).filter(([name]) => isWritten(name)));
  if (isGraded) {
    const wrt = Object.keys(ins).filter((name) => dtypeOf(op.inputs[name]!) === 'f32');
    const seeds = new Map(
      Object.entries(op.outputs).map(([name, shape]) => [outs[name]!, leaf(cotangentName(name), shape)]),
    );
    const found = grad(graph, { seeds, wrt: wrt.map((name) => ins[name]!) });
    for (const name of wrt) {
      const cotangent = found.get(ins[name]!);
      if (cotangent) watched[cotangentName(name)] = cotangent;
    }
  }
  return { graph, leaves, outs, watched, dims };
}
