/** That products by loads of four numbers have the bits of those by single ones: which of the two serves a call changes no run. */
import { describe, expect, test } from 'vitest';
import { Graph, Random, Session, tensorsOf } from '@circuit-tuning/core';
import { testGpu } from '@circuit-tuning/testkit';
import { kernels } from '../src/index.js';

const { device, isSoftware } = await testGpu('default');
const numbers = (length: number, random: Random): Float32Array => Float32Array.from({ length }, () => random.normal());

describe.each(['matmulNN', 'matmulNT', 'matmulTN'])('%s', (name) => {
  const { op } = kernels.find((kernel) => kernel.name === name)!;
  const shapes = tensorsOf(op);

  // More than one block and panel, the last ones cut.
  const dims: Record<string, number> = { M: 68, N: 132, K: 36 };
  const given =
    'bias' in shapes
      ? [
          ['a', 'b'],
          ['a', 'b', 'bias'],
        ]
      : [['a', 'b']];
  test.each(given.map((names) => [names.join(', '), names] as const))('of %s', async (_, names) => {
    const random = new Random(1);
    const graph = new Graph();
    const shapeOf = (tensor: string): number[] => shapes[tensor]!.split(' ').map((letter) => dims[letter]!);
    const inputs = Object.fromEntries(names.map((it) => [it, graph.input(it, shapeOf(it))]));
    const y = graph.call(op, inputs).y!;
    const data = Object.fromEntries(
      names.map((it) => [
        it,
        numbers(
          shapeOf(it).reduce((product, size) => product * size),
          random,
        ),
      ]),
    );
    const bitsBy = async (kernel: string): Promise<Uint32Array> => {
      const session = new Session({ device, kernels, isSoftware, forced: { [name]: kernel } });
      const program = await session.compile(graph, { y });
      expect(program.plan.dispatches.map((dispatch) => dispatch.kernel)).toEqual([kernel]);
      const got = (await program.run(data)).y!;
      session.dispose();
      return new Uint32Array(Float32Array.from(got).buffer);
    };
    expect(await bitsBy(`${name}.tiledVec4`)).toEqual(await bitsBy(`${name}.tiled`));
  });
});
