import { test } from 'vitest';
import { capabilitiesOf, Graph, Session, sizeOf, dtypeOf, shapeOf } from '@circuit-tuning/core';
import { randomFrom, testGpu } from '@circuit-tuning/testkit';
import { kernels } from '../src/index.js';
const { device, subgroup, isSoftware } = await testGpu();
const REP = 12;
const cases: [string, Record<string, number>, string[]?][] = [
  ['edgeScore', { S: 12, R: 36, M: 128, D: 768, I: 12 }],
  ['edgeScore.vec4', { S: 12, R: 36, M: 128, D: 768, I: 12 }],
  ['edgeScore.subgroup', { S: 12, R: 36, M: 128, D: 768, I: 12 }],
  ['edgeScore.vec4', { S: 1, R: 36, M: 128, D: 768, I: 12 }],
  ['edgeScore.vec4', { S: 150, R: 150, M: 64, D: 768, I: 150 }],
  ['edgeMix', { S: 12, R: 36, N: 128, D: 768, I: 12 }],
  ['edgeMix.subgroup', { S: 12, R: 36, N: 128, D: 768, I: 12 }],
  ['edgeMix', { S: 150, R: 36, N: 64, D: 768, I: 150 }],
  ['edgeMix.subgroup', { S: 150, R: 36, N: 64, D: 768, I: 150 }],
  ['edgeMix', { S: 12, R: 1, N: 128, D: 768, I: 12 }],
  ['edgeMix.subgroup', { S: 12, R: 1, N: 128, D: 768, I: 12 }],
  ['groupedNN', { N: 128, G: 12, E: 64, D: 768 }],
  ['groupedNN.subgroup', { N: 128, G: 12, E: 64, D: 768 }],
  ['groupedNT', { N: 128, G: 12, E: 64, D: 768 }],
  ['readGrad', { G: 12, N: 128, D: 768 }],
  ['readGrad.row', { G: 12, N: 128, D: 768 }],
  ['spread', { R: 12, N: 128, D: 768 }],
  ['accumulate', { N: 4000000 }],
  ['poolRows', { S: 12, M: 128, D: 768, B: 8, J: 9 }],
  ['sumSquares', { U: 3072, D: 768, O: 1 }],
  ['sumSquares', { U: 64, D: 768, O: 1 }],
  ['sgd', { U: 3072, D: 768, J: 8, O: 1 }],
  ['adamw', { U: 3072, D: 768, J: 8, O: 1 }],
];
test('bench', async () => {
  const only = process.env.ONLY;
  for (const [name, dims] of cases) {
    if (only && !new RegExp(only).test(name)) continue;
    const kernel = kernels.find((k) => k.name === name)!;
    const session = new Session({ device, kernels, subgroup, isSoftware, forced: { [kernel.op.name]: name } });
    const graph = new Graph();
    const { op } = kernel;
    const ins: any = {};
    const inputs: any = {};
    const given = op.example?.({ ...dims }, randomFrom(1)) ?? {};
    for (const [t, shape] of Object.entries(op.inputs)) {
      const isState = Object.values(op.inPlace).includes(t);
      const data = given[t] ?? Float64Array.from({ length: sizeOf(shape, dims) }, randomFrom(3));
      ins[t] = isState ? graph.state(t, shapeOf(shape, dims)) : graph.input(t, shapeOf(shape, dims), dtypeOf(shape));
      if (!isState) inputs[t] = dtypeOf(shape) === 'u32' ? Uint32Array.from(data) : Float32Array.from(data);
      else session.write(t, Float32Array.from(data));
    }
    const outs = graph.call(op, ins, { dims });
    const fetch: any = {};
    if (!Object.keys(op.inPlace).length) fetch.o = Object.values(outs)[0];
    const program = await session.compile(graph, fetch);
    const times: number[] = [];
    for (let i = 0; i < REP; i++) {
      program.submit(inputs);
      await device.queue.onSubmittedWorkDone();
      // a second submit of the dispatches only
      const steps = program as any;
      const t0 = performance.now();
      steps.submit({ ...inputs });
      await device.queue.onSubmittedWorkDone();
      times.push(performance.now() - t0);
    }
    const ms = Math.min(...times);
    const up = Object.values(inputs).reduce((s: number, a: any) => s + a.byteLength, 0);
    console.log(
      name,
      JSON.stringify(dims),
      ms.toFixed(2) + ' ms',
      ((kernel.flops?.(dims) ?? 0) / ms / 1e6).toFixed(2) + ' GF/s',
      'upload MB',
      (up / 1e6).toFixed(1),
    );
    program.dispose();
    session.dispose();
  }
}, 600000);
