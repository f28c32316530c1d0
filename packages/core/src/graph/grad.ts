/**
 * Reverse-mode differentiation, graph → graph: appends the calls that compute cotangents.
 * The seeds are values (usually inputs), so one graph serves every objective that is linear in its outputs.
 */
import { ShapeError } from '../errors.js';
import { add } from '../ops/add.js';
import { cotangentName, dtypeOf, type Call, type Tape } from '../op.js';
import type { Graph } from './graph.js';
import type { Value } from './value.js';

export interface GradOptions {
  /** Cotangents of outputs, d(objective)/d(value). */
  seeds: ReadonlyMap<Value, Value>;
  /** Values whose cotangents are wanted: parameters, taps, anything. Nothing else is computed. */
  wrt: Iterable<Value>;
  /** For a weight [U, D]: indices [R] of the rows whose gradient is wanted; it then has the shape [R, D]. */
  rows?: ReadonlyMap<Value, Value>;
}

/**
 * @returns the cotangent of each value reached on the way from the seeds to `wrt`; values on which the seeds do not
 * depend have none.
 * @throws ShapeError where the gradient of a value is wanted that lies in memory as f16.
 */
export function grad(graph: Graph, { seeds, wrt, rows }: GradOptions): ReadonlyMap<Value, Value> {
  const forward = graph.calls.filter((call) => call.pass === 'forward');
  const needed = dependents(forward, wrt);
  const half = [...needed].find(({ dtype }) => dtype === 'f16');
  if (half)
    throw new ShapeError({
      where: `grad: ${half.name}`,
      rule: 'gradients are taken of f32 values',
      got: 'one stored as f16',
      cure: 'Load the model with its weights as f32',
    });
  const makers = new Map<Value, Call>();
  for (const call of forward) for (const out of Object.values(call.outs)) makers.set(out, call);
  const cotangents = new Map<Value, Value>(seeds);
  const tape: Tape = {
    call: graph.call.bind(graph),
    take(input) {
      const cotangent = cotangents.get(input);
      cotangents.delete(input);
      return cotangent;
    },
    rowsWanted: (weight) => rows?.get(weight),
  };
  const redone = new Map<Call, Record<string, Value>>();

  const current = (value: Value): Value => {
    const maker = makers.get(value);
    if (!maker?.recompute) return value;
    let outs = redone.get(maker);
    if (!outs) {
      const ins = Object.fromEntries(Object.entries(maker.ins).map(([name, input]) => [name, current(input)]));
      outs = graph.call(maker.op, ins, { dims: maker.dims, attrs: maker.dims, label: `${maker.label}.again` });
      redone.set(maker, outs);
    }
    const name = Object.keys(maker.outs).find((key) => maker.outs[key] === value)!;
    return outs[name]!;
  };

  for (const call of forward.toReversed()) {
    const { inputs, constants } = call.op;
    const wanted = Object.keys(call.ins).filter(
      (name) => needed.has(call.ins[name]!) && dtypeOf(inputs[name]!) === 'f32' && !constants.includes(name),
    );
    if (wanted.length === 0) continue;
    const given: Record<string, Value> = {};
    for (const name of Object.keys(call.op.outputs)) {
      const cotangent = cotangents.get(call.outs[name]!);
      if (cotangent) given[cotangentName(name)] = cotangent;
    }
    if (Object.keys(given).length === 0) continue;
    for (const [name, value] of Object.entries(differentiate(graph, tape, call, given, wanted, current))) {
      const input = call.ins[name]!;
      const before = cotangents.get(input);
      cotangents.set(
        input,
        before ? graph.call(add, { a: before, b: value }, { label: `${input.name}.sum` }).y! : value,
      );
    }
  }
  return cotangents;
}

function differentiate(
  graph: Graph,
  tape: Tape,
  call: Call,
  given: Record<string, Value>,
  wanted: string[],
  current: (value: Value) => Value,
): Record<string, Value> {
  const { op } = call;
  // What is redone and then not read is pruned by the planner.
  const again = Object.fromEntries(Object.entries(call.ins).map(([name, value]) => [name, current(value)]));
  if (op.adjoint) return op.adjoint(tape, { ...call, ins: again }, given, new Set(wanted));
  if (!op.backward) throw new Error(`grad: ${op.name} has no gradient (at ${call.label})`);
  const missing = Object.keys(op.outputs).find((name) => !given[cotangentName(name)]);
  if (missing)
    throw new Error(`grad: ${op.name} needs a cotangent for each output, none for '${missing}' (at ${call.label})`);
  const ins: Record<string, Value> = { ...given };
  for (const [name, value] of Object.entries(call.outs)) ins[name] = current(value);
  Object.assign(ins, again);
  const shapes = Object.fromEntries(wanted.map((name) => [cotangentName(name), call.ins[name]!]));
  const outs = graph.callBackward(call, ins, Object.keys(shapes), shapes);
  return Object.fromEntries(wanted.map((name) => [name, outs[cotangentName(name)]!]));
}

/** Every value that `wrt` reaches, `wrt` included. */
function dependents(calls: readonly Call[], wrt: Iterable<Value>): Set<Value> {
  const needed = new Set(wrt);
  for (const call of calls)
    if (Object.values(call.ins).some((value) => needed.has(value)))
      for (const out of Object.values(call.outs)) needed.add(out);
  return needed;
}
