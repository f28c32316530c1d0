import { expect, test } from 'vitest';
import {
  add,
  columnSum,
  gelu,
  grad,
  Graph,
  matmulNN,
  matmulNT,
  rmsnorm,
  runOnCpu,
  type Value,
} from '../../src/index.js';
import { randomFrom } from '@circuit-tuning/testkit';

const N = 5;
const D = 4;
const F = 6;

/** y = x + gelu(norm(x) · Wᵢₙᵀ + b) · Wₒᵤₜ, twice over: x is read by the norm and by the sum, W_out by both layers. */
function twoLayers(recompute: boolean): { graph: Graph; y: Value; leaves: Map<string, Float64Array>; wrt: Value[] } {
  const graph = new Graph();
  const random = randomFrom(3);
  const leaves = new Map<string, Float64Array>();
  const leaf = (kind: 'param' | 'input', name: string, shape: number[]): Value => {
    leaves.set(name, Float64Array.from({ length: shape.reduce((n, size) => n * size, 1) }, random));
    return graph[kind](name, shape);
  };
  let x = leaf('input', 'x', [N, D]);
  const out = leaf('param', 'W_out', [F, D]);
  const wrt = [x, out];
  for (const layer of [0, 1]) {
    const gain = leaf('param', `gain${layer}`, [D]);
    const into = leaf('param', `W_in${layer}`, [F, D]);
    const bias = leaf('param', `b_in${layer}`, [F]);
    const normed = graph.call(rmsnorm, { x, gain }, { recompute }).y!;
    const pre = graph.call(matmulNT, { a: normed, b: into, bias }).y!;
    const post = graph.call(gelu, { x: pre }, { recompute }).y!;
    x = graph.call(add, { a: x, b: graph.call(matmulNN, { a: post, b: out }).y! }).y!;
    wrt.push(gain, into, bias);
  }
  leaves.set('dY', Float64Array.from({ length: N * D }, random));
  return { graph, y: x, leaves, wrt };
}

function gradients(recompute: boolean): Record<string, Float64Array> {
  const { graph, y, leaves, wrt } = twoLayers(recompute);
  const found = grad(graph, { seeds: new Map([[y, graph.input('dY', [N, D])]]), wrt });
  return runOnCpu(graph, new Map(leaves), Object.fromEntries(wrt.map((value) => [value.name, found.get(value)!])));
}

test('the gradient of two layers that share values is the derivative of their output', () => {
  const { graph, y, leaves, wrt } = twoLayers(false);
  const objective = (): number =>
    runOnCpu(graph, new Map(leaves), { y }).y.reduce((sum, value, i) => sum + value * leaves.get('dY')![i]!, 0);
  const grads = gradients(false);
  const h = 1e-6;
  for (const { name } of wrt) {
    const data = leaves.get(name)!;
    data.forEach((at, i) => {
      data[i] = at + h;
      const up = objective();
      data[i] = at - h;
      const down = objective();
      data[i] = at;
      expect(grads[name]![i], `${name}[${i}]`).toBeCloseTo((up - down) / (2 * h), 7);
    });
  }
});

test('a call that is recomputed gives the same gradient, and the reverse walk emits it again', () => {
  expect(gradients(true)).toEqual(gradients(false));
  const { graph, y, wrt } = twoLayers(true);
  grad(graph, { seeds: new Map([[y, graph.input('dY', [N, D])]]), wrt });
  const again = graph.calls.filter(({ label }) => label.endsWith('.again')).map(({ op }) => op.name);
  expect(again.toSorted()).toEqual(['gelu', 'gelu', 'rmsnorm', 'rmsnorm']);
});

test('only what leads from the seeds to the wanted values is computed', () => {
  const { graph, y, wrt } = twoLayers(false);
  const before = graph.calls.length;
  const bias = wrt.find(({ name }) => name === 'b_in1')!;
  const unread = graph.param('unread', [D]);
  const found = grad(graph, { seeds: new Map([[y, graph.input('dY', [N, D])]]), wrt: [bias, unread] });
  expect(graph.calls.slice(before).map(({ op, pass }) => `${op.name} ${pass}`)).toEqual([
    'matmulNT forward',
    'gelu backward',
    'columnSum forward',
  ]);
  expect(found.has(unread)).toBe(false);
});

test('an op without a gradient says which one and where', () => {
  const graph = new Graph();
  const x = graph.input('x', [N, D]);
  const { y } = graph.call(columnSum, { x }, { label: 'total' });
  expect(() => grad(graph, { seeds: new Map([[y!, graph.input('dY', [D])]]), wrt: [x] })).toThrow(
    'grad: columnSum has no gradient (at total)',
  );
});
