import { describe, expect, test } from 'vitest';
import { add, attention, defineOp, Graph, matmulNT, rmsnorm } from '../../src/index.js';

const double = defineOp({
  name: 'double',
  inputs: { x: 'N' },
  outputs: { y: 'N' },
  inPlace: { y: 'x' },
  forward: ({ x }) => ({ y: x.map((value) => 2 * value) }),
});

describe('graph.call', () => {
  test('infers sizes from the inputs and names outputs by the label', () => {
    const graph = new Graph();
    const y = graph.within(
      'blocks.0',
      () => graph.call(matmulNT, { a: graph.input('x', [5, 3]), b: graph.param('W', [4, 3]) }, { label: 'q' }).y!,
    );
    expect(y).toMatchObject({ name: 'blocks.0.q.y', shape: [5, 4], dtype: 'f32', kind: 'temp' });
  });

  test('names the tensor, the sizes and the call when sizes disagree', () => {
    const graph = new Graph();
    const call = (): unknown =>
      graph.call(matmulNT, { a: graph.input('x', [5, 3]), b: graph.param('W', [4, 2]) }, { label: 'q' });
    expect(call).toThrow("matmulNT: b is 'N K' with N=4 K=3, got W [4, 2]. Check the call at q.");
  });

  test('asks for a required input that is missing', () => {
    const graph = new Graph();
    expect(() => graph.call(rmsnorm, { x: graph.input('x', [5, 3]) })).toThrow(
      "rmsnorm: input 'gain' is required, got none. Check the call at rmsnorm.",
    );
  });

  test('lists the inputs when one is unknown', () => {
    const graph = new Graph();
    const x = graph.input('x', [3]);
    expect(() => graph.call(add, { a: x, b: x, c: x })).toThrow(
      "add: inputs are a, b, got 'c'. Check the call at add.",
    );
  });

  test('refuses floats where indices are asked for', () => {
    const graph = new Graph();
    const q = graph.input('q', [1, 2, 1, 4]);
    expect(() => graph.call(attention, { q, k: q, v: q, mask: graph.input('mask', [1, 2]) })).toThrow(
      "attention: mask is 'B T u32', got f32 mask. Check the call at attention.",
    );
  });

  test('refuses to read a value after it was overwritten in place', () => {
    const graph = new Graph();
    const x = graph.state('x', [3]);
    graph.call(double, { x });
    expect(() => graph.call(add, { a: x, b: x }, { label: 'late' })).toThrow(
      'add: a value that was overwritten in place cannot be read again, got x. Check the call at late.',
    );
  });
});

test('a name declared twice must mean the same tensor', () => {
  const graph = new Graph();
  expect(graph.param('W', [4, 3])).toBe(graph.param('W', [4, 3]));
  expect(() => graph.input('W', [4, 3])).toThrow(
    "graph.input('W'): must agree with its first declaration (param f32 [4, 3]), got input f32 [4, 3]. " +
      'Give the two tensors different names.',
  );
});
