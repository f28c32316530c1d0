/** Products by loads of four numbers have the bits of those by single loads: which of the two serves a call changes no run. */
import { expect, test } from 'vitest';
import { Graph, Random, Session, tensorsOf } from '@circuit-tuning/core';
import { testGpu } from '@circuit-tuning/testkit';
import { kernels } from '../src/index.js';

const { device, isSoftware } = await testGpu('default');
// More than one block, panel and part, the last ones cut.
const dims: Readonly<Record<string, number>> = { M: 68, N: 132, K: 36 };

test.each([
  ['matmulNN', 'tiled', ['a', 'b']],
  ['matmulNN', 'tiled', ['a', 'b', 'bias']],
  ['matmulNN', 'split', ['a', 'b']],
  ['matmulNT', 'tiled', ['a', 'b']],
  ['matmulNT', 'tiled', ['a', 'b', 'bias']],
  ['matmulTN', 'tiled', ['a', 'b']],
  ['matmulTN', 'split', ['a', 'b']],
])('%s: those of %s, of %s', async (name, variant, names) => {
  const { op } = kernels.find((kernel) => kernel.name === name)!;
  const random = new Random(1);
  const graph = new Graph();
  const inputs = names.map((tensor) => {
    const letters = tensorsOf(op)[tensor]!.split(' ');
    const shape = letters.map((letter) => dims[letter]!);
    const length = shape.reduce((product, size) => product * size);
    return { tensor, value: graph.input(tensor, shape), data: Float32Array.from({ length }, () => random.normal()) };
  });
  const { y } = graph.call(op, Object.fromEntries(inputs.map(({ tensor, value }) => [tensor, value])));

  const bitsBy = async (kernel: string): Promise<Uint32Array> => {
    const session = new Session({ device, kernels, isSoftware, forced: { [name]: kernel } });
    const program = await session.compile(graph, { y: y! });
    expect([...new Set(program.plan.dispatches.map((dispatch) => dispatch.kernel))]).toEqual([kernel]);
    const got = await program.run(Object.fromEntries(inputs.map(({ tensor, data }) => [tensor, data])));
    session.dispose();
    return new Uint32Array(Float32Array.from(got.y!).buffer);
  };
  expect(await bitsBy(`${name}.${variant}Vec4`)).toEqual(await bitsBy(`${name}.${variant}`));
});
