/** Plans without a device: what runs, in which order, on which buffers. */
import { describe, expect, test } from 'vitest';
import {
  gelu,
  grad,
  Graph,
  matmulNN,
  matmulNT,
  plan,
  printGraph,
  printPlan,
  type Capabilities,
  type Value,
} from '@circuit-tuning/core';
import { kernels } from '../src/index.js';

/** The limits that every WebGPU device has. */
const portable: Capabilities = {
  features: new Set(),
  limits: {
    maxStorageBufferBindingSize: 2 ** 27,
    maxBufferSize: 2 ** 28,
    maxStorageBuffersPerShaderStage: 8,
    maxComputeWorkgroupStorageSize: 16384,
    maxComputeInvocationsPerWorkgroup: 256,
    maxComputeWorkgroupsPerDimension: 65535,
    minStorageBufferOffsetAlignment: 256,
    minUniformBufferOffsetAlignment: 256,
  },
  isSoftware: true,
};

function mlp(N: number): { graph: Graph; y: Value; weights: Value[] } {
  const graph = new Graph();
  const x = graph.input('x', [N, 8]);
  const [win, wout] = [graph.param('W_in', [16, 8]), graph.param('W_out', [16, 8])];
  const pre = graph.call(matmulNT, { a: x, b: win }, { label: 'in' }).y!;
  const post = graph.call(gelu, { x: pre }, { label: 'gelu' }).y!;
  return { graph, y: graph.call(matmulNN, { a: post, b: wout }, { label: 'out' }).y!, weights: [win, wout] };
}

describe('a plan', () => {
  test('reads as a list of dispatches on slots and named buffers', () => {
    const { graph, y, weights } = mlp(4);
    const dY = graph.input('dY', [4, 8]);
    const cotangents = grad(graph, { seeds: new Map([[y, dY]]), wrt: weights });
    const fetch = { W_in: cotangents.get(weights[0]!)!, W_out: cotangents.get(weights[1]!)! };
    expect(printGraph(graph)).toMatchInlineSnapshot(`
      "   0  matmulNT  in: a=input:x [4, 8], b=param:W_in [16, 8] → y [4, 16]
         1  gelu  gelu: x=in.y [4, 16] → y [4, 16]
         2  matmulNN  out: a=gelu.y [4, 16], b=param:W_out [16, 8] → y [4, 8]
         3  matmulNT  out.dA: a=input:dY [4, 8], b=param:W_out [16, 8] → y [4, 16]
         4  matmulTN  out.dB: a=gelu.y [4, 16], b=input:dY [4, 8] → y [16, 8]
         5  gelu.backward  gelu.backward: dY=out.dA.y [4, 16], y=gelu.y [4, 16], x=in.y [4, 16] → dX [4, 16]
         6  matmulTN  in.dB: a=gelu.backward.dX [4, 16], b=input:x [4, 8] → y [16, 8]"
    `);
    expect(printPlan(plan(graph, { kernels, capabilities: portable, fetch }))).toMatchInlineSnapshot(`
      "   0  matmulNT.forward  in  x, W_in → slot0+512  [2, 1, 1]
         1  gelu.vec4.forward  gelu  slot0+512 → slot1  [1, 1, 1]
         2  matmulNT.forward  out.dA  dY, W_out → slot0+768  [2, 1, 1]
         3  matmulTN.forward  out.dB  slot1, dY → slot0  [1, 2, 1]
         4  gelu.vec4.backward  gelu.backward  slot0+512, slot0+768 → slot1  [1, 1, 1]
         5  matmulTN.forward  in.dB  slot1, x → slot0+512  [1, 2, 1]
      6 dispatches · 2 slots, 0.00 MiB · params 0.00 MiB · states 0.00 MiB · inputs 0.00 MiB
      fetches W_in (slot0+512), W_out (slot0)"
    `);
  });

  test('keeps a temporary in a state, and leaves out what only leads to one that is given', () => {
    const { graph, y } = mlp(4);
    const pre = graph.calls[0]!.outs['y']!;
    const post = graph.calls[1]!.outs['y']!;
    const held = new Map([[post, 'kept gelu']]);
    const options = { kernels, capabilities: portable, fetch: { y } };
    expect(
      printPlan(plan(graph, { ...options, keep: held }))
        .split('\n')
        .slice(1, 3),
    ).toEqual([
      '   1  gelu.vec4.forward  gelu  slot0 → kept gelu  [1, 1, 1]',
      expect.stringContaining('out  kept gelu, W_out'),
    ]);
    const after = plan(graph, { ...options, given: held });
    expect(after.dispatches.map(({ label }) => label)).toEqual(['out']);
    expect(after.leaves.find(({ name }) => name === 'kept gelu')).toMatchObject({ kind: 'state', bytes: 4 * 4 * 16 });
    // what is given need not be all that is read
    const both = plan(graph, { ...options, given: held, fetch: { y, pre } });
    expect(both.dispatches.map(({ label }) => label)).toEqual(['in', 'out']);
  });

  test('leaves out what nothing fetched depends on', () => {
    const { graph, y, weights } = mlp(4);
    const dY = graph.input('dY', [4, 8]);
    const cotangents = grad(graph, { seeds: new Map([[y, dY]]), wrt: weights });
    const { dispatches } = plan(graph, {
      kernels,
      capabilities: portable,
      fetch: { W_out: cotangents.get(weights[1]!)! },
    });
    expect(dispatches.map(({ label }) => label)).toEqual(['in', 'gelu', 'out.dB']);
  });

  test('no dispatch reads and writes one slot, and memory is reused once a tensor is dead', () => {
    const graph = new Graph();
    let x = graph.input('x', [64]);
    for (let i = 0; i < 20; i++) x = graph.call(gelu, { x }, { label: `${i}` }).y!;
    const ready = plan(graph, { kernels, capabilities: portable, fetch: { x } });
    expect(ready.slots).toHaveLength(2);
    for (const { bindings } of ready.dispatches) {
      const written = bindings
        .filter(({ access }) => access === 'read_write')
        .map(({ place }) => JSON.stringify(place));
      const read = bindings.filter(({ access }) => access === 'read').map(({ place }) => JSON.stringify(place));
      expect(written.some((place) => read.includes(place))).toBe(false);
    }
  });

  test('a tensor above the binding limit is an error that names it and the cure', () => {
    const { graph, y } = mlp(2 ** 23);
    expect(() => plan(graph, { kernels, capabilities: portable, fetch: { y } })).toThrow(
      'x: a tensor must fit one binding of this adapter (128.0 MiB), got [8388608, 8], 256.0 MiB',
    );
  });

  test('a model too big for the adapter is told so', () => {
    const graph = new Graph();
    const w = graph.param('blocks.0.mlp.W_in', [2 ** 16, 1024]);
    const y = graph.call(matmulNT, { a: graph.input('x', [1, 1024]), b: w }).y!;
    expect(() => plan(graph, { kernels, capabilities: portable, fetch: { y } })).toThrow(
      'blocks.0.mlp.W_in: a tensor must fit one binding of this adapter (128.0 MiB), got [65536, 1024], 256.0 MiB. This model is too big for the adapter',
    );
  });
});
