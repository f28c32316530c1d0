import { afterAll, describe, expect, test } from 'vitest';
import { adamw, Graph, Session, sgd, sumSquares, type Op } from '@circuit-tuning/core';
import { randomFrom, testGpu } from '@circuit-tuning/testkit';
import { kernels } from '../src/index.js';

const { device, subgroup, isSoftware } = await testGpu();
const session = new Session({ device, kernels, subgroup, isSoftware });
afterAll(() => session.dispose());

const [U, D, STEPS] = [12, 70, 100];
const random = (seed: number, length: number): Float32Array => Float32Array.from({ length }, randomFrom(seed));
/** Bits, not numbers: −0 is not 0, and NaN equals itself. */
const bits = (data: Float32Array): number[] => [...new Uint32Array(data.buffer, data.byteOffset, data.length)];
const row = (data: Float32Array, u: number): Float32Array =>
  data.subarray((u * data.length) / U, ((u + 1) * data.length) / U);

/** Six numbers for each of these rows, as ops/optimizer.ts tells. */
const slicesOf = (rows: readonly number[]): Uint32Array =>
  Uint32Array.from(rows.flatMap((u) => [u * D, u * D, u * D, u, 0, D]));

interface Optimizer {
  op: Op;
  /** Names and shapes of what a step reads and writes. */
  states: Record<string, number[]>;
  hyper: number[];
}

const optimizers: Record<string, Optimizer> = {
  sgd: { op: sgd, states: { param: [U * D], velocity: [U * D] }, hyper: [0.1, 0.9, 0, 0, 0.1, 0.5, 1, 0] },
  adamw: {
    op: adamw,
    states: { param: [U * D], m: [U * D], v: [U * D], age: [U] },
    hyper: [0.01, 0.9, 0.999, 1e-8, 0.1, 0.5, 1, 0],
  },
};

/** Starts from the same random state each time and takes one step for each list of rows, with the gradients `gradAt` gives. */
async function train(
  { op, states, hyper }: Optimizer,
  tuned: readonly (readonly number[])[],
  gradAt: (step: number) => Float32Array,
): Promise<{ before: Record<string, Float32Array>; after: Record<string, Float32Array> }> {
  const graph = new Graph();
  const grad = graph.input('grad', [U * D]);
  const slices = graph.input('slices', [tuned[0]!.length, 6], 'u32');
  const { total: norm2 } = graph.call(sumSquares, { grad, slices, before: graph.input('zero', [1]) });
  const before: Record<string, Float32Array> = {};
  const ins: Parameters<Graph['call']>[1] = { grad, slices, norm2, hyper: graph.input('hyper', [8]) };
  Object.entries(states).forEach(([name, shape], i) => {
    ins[name] = graph.state(name, shape);
    before[name] = random(i + 1, shape[0]!);
    if (name === 'v') before[name] = before[name]!.map((value) => value ** 2);
    if (name === 'age') before[name] = Float32Array.from({ length: U }, (_, u) => u % 3);
    session.write(name, before[name]!);
  });
  graph.call(op, ins);
  const program = await session.compile(graph);
  for (const [step, rows] of tuned.entries())
    await program.run({
      grad: gradAt(step),
      slices: slicesOf(rows),
      hyper: Float32Array.from(hyper),
      zero: new Float32Array(1),
    });
  const after: Record<string, Float32Array> = {};
  for (const name of Object.keys(states)) after[name] = await session.read(name);
  program.dispose();
  return { before, after };
}

const isTuned = (u: number): boolean => u % 3 === 1;
const rows = Array.from({ length: U }, (_, u) => u).filter(isTuned);
const steps = Array.from({ length: STEPS }, () => rows);
/** Gradients of frozen rows are not wanted and so not computed: whatever lies there must not matter. */
const gradAt = (step: number): Float32Array =>
  random(1000 + step, U * D).map((value, i) => (isTuned(Math.floor(i / D)) ? value : Number.NaN));

describe.each(Object.entries(optimizers))('%s', (_, optimizer) => {
  test(`a frozen slice keeps every bit of parameter and state over ${STEPS} steps while the others move`, async () => {
    const { before, after } = await train(optimizer, steps, gradAt);
    for (const name of Object.keys(optimizer.states))
      for (let u = 0; u < U; u++) {
        const [was, is] = [bits(row(before[name]!, u)), bits(row(after[name]!, u))];
        if (!isTuned(u)) expect(is, `${name} of frozen row ${u}`).toEqual(was);
        else expect(is.filter((value, i) => value === was[i]).length, `${name} of tuned row ${u}`).toBe(0);
        expect(row(after[name]!, u).every(Number.isFinite), `${name} of row ${u}`).toBe(true);
      }
  });

  test('a re-run gives the same bits', async () => {
    const first = await train(optimizer, steps, gradAt);
    const second = await train(optimizer, steps, gradAt);
    for (const name of Object.keys(optimizer.states))
      expect(bits(second.after[name]!)).toEqual(bits(first.after[name]!));
  });

  test('a slice that leaves the circuit and returns goes on where it stopped', async () => {
    const unclipped = { ...optimizer, hyper: optimizer.hyper.with(6, 0) };
    const away = steps.slice(0, 5).map(() => rows.map((u) => u + 1));
    const paused = await train(unclipped, [...steps.slice(0, 10), ...away, ...steps.slice(0, 10)], (step) =>
      step < 10 ? gradAt(step) : step < 15 ? random(step, U * D) : gradAt(step - 5),
    );
    const steady = await train(unclipped, steps.slice(0, 20), gradAt);
    for (const name of Object.keys(optimizer.states))
      for (const u of rows) expect(bits(row(paused.after[name]!, u))).toEqual(bits(row(steady.after[name]!, u)));
  });
});

test('adamw corrects young moments to full precision at every age', async () => {
  const rate = 0.01;
  const hyper = [rate, 0.9, 0.999, 0, 0, 1, 0, 0].map(Math.fround);
  const ages = [0, 1, 2, 3, 5, 9, 17, 40, 99, 500, 3000, 100000];
  const graph = new Graph();
  const inputs = { grad: [U], hyper: [8], norm2: [1] };
  const ins = Object.fromEntries(Object.entries(inputs).map(([name, shape]) => [name, graph.input(name, shape)]));
  ins.slices = graph.input('slices', [1, 6], 'u32');
  const starts = {
    param: new Float32Array(U),
    m: random(5, U),
    v: random(6, U).map((value) => value ** 2),
    age: Float32Array.from(ages),
  };
  for (const [name, data] of Object.entries(starts)) {
    ins[name] = graph.state(`young.${name}`, [U]);
    session.write(`young.${name}`, data);
  }
  graph.call(adamw, ins);
  const program = await session.compile(graph);
  const grad = random(8, U);
  await program.run({
    grad,
    slices: Uint32Array.of(0, 0, 0, 0, 1, U),
    hyper: Float32Array.from(hyper),
    norm2: new Float32Array(1),
  });
  const param = await session.read('young.param');
  const wide = (data: ArrayLike<number>): Float64Array => Float64Array.from(data);
  const want = adamw.forward(
    {
      param: wide(starts.param),
      m: wide(starts.m),
      v: wide(starts.v),
      age: wide(starts.age),
      grad: wide(grad),
      slices: Float64Array.of(0, 0, 0, 0, 1, U),
      hyper: wide(hyper),
      norm2: new Float64Array(1),
    },
    { A: U, G: U, N: U, U, M: 1, Q: 6, J: 8, O: 1 },
  ).paramOut!;
  ages.forEach((age, u) => expect(Math.abs(param[u]! / want[u]! - 1), `age ${age}`).toBeLessThan(2e-6));
  program.dispose();
});
