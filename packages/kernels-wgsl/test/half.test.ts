/**
 * Products of operands rounded to f16: one by one against f64 loops, at any scale of the numbers, and in whole models. They
 * need a device opened for that. Subgroup matrices are Dawn's experiment: Mesa 26 and GPUs have them.
 */
import { describe, expect, test } from 'vitest';
import { applies, capabilitiesOf, Graph, parameterShapes, Random, runOnCpu, Session } from '@circuit-tuning/core';
import { gpuErrors, relativeError, testGpu, variant } from '@circuit-tuning/testkit';
import { kernels } from '../src/index.js';
import { logitsOf, lossAndGradients, padded, realRows } from './languageModel.js';

// The portable limits: what a kernel needs beyond them, a page would not get.
const { device, subgroup, subgroupMatrices, isSoftware } = await testGpu('default', { precision: 'f16' });
const has = device.features.has('shader-f16');
const facts = { isSoftware, precision: 'f16', subgroupMatrices, ...(subgroup && { subgroup }) } as const;
const halves = kernels.filter(({ isHalf }) => isHalf);
const able = halves.filter((kernel) => has && applies(kernel, { dims: {} }, capabilitiesOf(device, facts)));
const left = halves.filter((kernel) => !able.includes(kernel)).map(({ name }) => name);

test.skipIf(left.length === 0)(`not for this adapter: ${left.join(', ')}`, ({ skip }) => skip());

describe.each(able.map((kernel) => [kernel.name, kernel] as const))('%s', (_, kernel) => {
  const capabilities = capabilitiesOf(device, facts);

  test.each(kernel.cases.map((aCase) => [JSON.stringify(aCase), aCase] as const))(
    'writes all of each output, no more, within 2^-11 of what the op says: %s',
    async (__, aCase) => {
      const errors = await gpuErrors(device, capabilities, kernels, kernel, aCase);
      expect(Object.keys(errors)).toEqual(['y']);
      expect(errors.y).toBeLessThan(2 ** -11);
      // else nothing was rounded, and another kernel ran
      expect(errors.y).toBeGreaterThan(1e-5);
    },
  );

  // f16 holds nothing above 65504 and nothing below 6e-8; gradients and outliers lie there.
  test.each([1e-12, 1e-6, 1e6, 1e12])('is as near to it for numbers of the size %s, line by line', async (size) => {
    const [M, N, K] = [35, 33, 40];
    const graph = new Graph();
    const lies = { matmulNN: ['MK', 'KN'], matmulNT: ['MK', 'NK'], matmulTN: ['KM', 'KN'] }[kernel.op.name]!;
    const shapes = lies.map((shape) => [...shape].map((letter) => ({ M, N, K })[letter as 'M' | 'N' | 'K']));
    const random = new Random(1);
    const numbers = ([rows, columns]: number[], scaleOf = (_row: number, _column: number) => 1): Float32Array =>
      Float32Array.from(
        { length: rows! * columns! },
        (___, i) => random.normal() * scaleOf(Math.floor(i / columns!), i % columns!),
      );
    const isRows = lies[0] === 'MK';
    const a = numbers(shapes[0]!, (row, column) => ((isRows ? row : column) % 2 ? size : 1));
    const b = numbers(shapes[1]!);
    const y = graph.call(kernel.op, { a: graph.input('a', shapes[0]!), b: graph.input('b', shapes[1]!) }).y!;
    const want = runOnCpu(
      graph,
      new Map([
        ['a', a],
        ['b', b],
      ]),
      { y },
    ).y!;
    const session = new Session({ device, kernels, forced: { [kernel.op.name]: kernel.name }, ...facts });
    const program = await session.compile(graph, { y });
    const got = (await program.run({ a, b })).y!;
    session.dispose();
    for (const odd of [0, 1]) {
      const of = (all: ArrayLike<number>) => Array.from(all).filter((__, i) => Math.floor(i / N) % 2 === odd);
      expect(relativeError(of(got), of(want)), `${odd}`).toBeLessThan(2 ** -11);
    }
  });
});
/** Of the model's products, by sizes of tests, few would be worth it. */
const forcedTo = (kind: string): Record<string, string> =>
  Object.fromEntries(able.filter(({ name }) => name.endsWith(`.${kind}`)).map(({ op, name }) => [op.name, name]));
const kinds = [...new Set(able.map(({ name }) => name.slice(name.indexOf('.') + 1)))];

describe.each(kinds.flatMap((kind) => (['gpt2-inner-f16', 'qwen2'] as const).map((name) => [kind, name] as const)))(
  'with %s, %s',
  async (kind, name) => {
    const it = await variant(name);
    const batch = padded(
      await it.ints('ids.right'),
      await it.ints('mask.right'),
      it.shape('ids.right') as [number, number],
    );

    test('logits are within 0.4% of those of transformers, the loss within 0.0005, gradients within 3%', async () => {
      const session = new Session({ device, kernels, forced: forcedTo(kind), ...facts });
      const model = await it.load(session);
      const [got, want] = [await logitsOf(model, batch), await it.floats('logits.right')];
      const error = relativeError(realRows(got, batch), realRows(want, batch));
      const { loss, gradients } = await lossAndGradients(model, batch);
      const changed = await it.changedAt('grad.');
      let far = 0;
      for (const { name: parameter } of parameterShapes(it.config)) {
        const expected = await changed.read(parameter);
        if (Math.max(...expected.map(Math.abs)) > 1e-6)
          far = Math.max(far, relativeError(gradients[parameter]!, expected));
      }
      expect(error).toBeLessThan(4e-3);
      expect(error).toBeGreaterThan(1e-5);
      expect(loss).toBeCloseTo((await it.floats('loss'))[0]!, 3);
      expect(far).toBeLessThan(3e-2);
      session.dispose();
    });
  },
);
