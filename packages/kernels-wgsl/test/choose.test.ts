/** Which kernel serves a call: by rank where nothing was measured, by time where it was. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import {
  attention,
  Graph,
  matmulNN,
  plan,
  tensorsOf,
  withLayout,
  type AdapterTimings,
  type Capabilities,
  type Kernel,
  type Op,
} from '@circuit-tuning/core';
import { caseGraph } from '@circuit-tuning/testkit';
import { kernels } from '../src/index.js';

const lavapipe: Capabilities = {
  features: new Set(['subgroups']),
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
  subgroup: { min: 8, max: 8 },
  isSoftware: true,
  adapter: 'mesa software llvmpipe llvmpipe: Mesa 25.0.7 (LLVM 15.0.6)',
};
const gpu: Capabilities = { ...lavapipe, subgroup: { min: 32, max: 32 }, isSoftware: false, adapter: 'nvidia ada' };

const withTimings = (op: Op, measured: readonly AdapterTimings[]): Kernel[] =>
  kernels
    .filter((kernel) => kernel.op === op)
    .map((kernel) =>
      withLayout(kernel.name, kernel as unknown as Parameters<typeof withLayout>[1], kernel.layout, measured),
    );

function chosen(
  [M, N, K]: readonly [number, number, number],
  { capabilities = lavapipe, measured = [] as AdapterTimings[], forced = {} } = {},
): string {
  const graph = new Graph();
  const y = graph.call(matmulNN, { a: graph.input('a', [M, K]), b: graph.input('b', [K, N]) }).y!;
  return plan(graph, { kernels: withTimings(matmulNN, measured), capabilities, fetch: { y }, forced }).dispatches[0]!
    .kernel;
}

const timings = (
  words: readonly string[],
  [M, N, K]: readonly [number, number, number],
  ms: Record<string, number>,
): AdapterTimings => ({
  adapter: words.join(' '),
  words,
  calls: [{ op: 'matmulNN', pass: 'forward', dims: { M, N, K }, ms }],
});

describe('without timings', () => {
  test('the readable kernel serves small products, a tuned one large ones, as the adapter is', () => {
    expect(chosen([8, 16, 16])).toBe('matmulNN');
    expect(chosen([64, 64, 64])).toBe('matmulNN.subgroup');
    expect(chosen([256, 768, 768])).toBe('matmulNN.unrolled');
    expect(chosen([256, 767, 768])).toBe('matmulNN.subgroup');
    expect(chosen([256, 768, 768], { capabilities: gpu })).toBe('matmulNN.tiledVec4');
    expect(chosen([256, 767, 768], { capabilities: gpu })).toBe('matmulNN.tiled');
    expect(chosen([256, 768, 767], { capabilities: gpu })).toBe('matmulNN.tiled');
    expect(chosen([256, 768, 7180], { capabilities: gpu })).toBe('matmulNN.splitVec4');
    expect(chosen([256, 767, 7180], { capabilities: gpu })).toBe('matmulNN.split');
  });

  test('on lavapipe the tile has no more rows than there are, and 64 where a new LLVM compiles them', () => {
    const newer: Capabilities = { ...lavapipe, adapter: 'llvmpipe: Mesa 26.2.6 (LLVM 22.1.8)' };
    expect(chosen([8, 768, 768])).toBe('matmulNN.unrolled8');
    expect(chosen([16, 768, 768])).toBe('matmulNN.subgroup');
    expect(chosen([8, 768, 768], { capabilities: newer })).toBe('matmulNN.unrolled16');
    expect(chosen([32, 3072, 768], { capabilities: newer })).toBe('matmulNN.unrolled16');
    expect(chosen([256, 768, 768], { capabilities: newer })).toBe('matmulNN.unrolled64');
    expect(chosen([256, 767, 768], { capabilities: newer })).toBe('matmulNN.unrolled64');
    expect(chosen([96, 3072, 768], { capabilities: newer })).toBe('matmulNN.unrolled');
  });

  test('products are rounded to f16 where that is asked for, and only there', () => {
    const half: Capabilities = { ...gpu, features: new Set(['subgroups', 'shader-f16']), precision: 'f16' };
    const matrices: Capabilities = {
      ...half,
      features: new Set([...half.features, 'chromium-experimental-subgroup-matrix']),
      subgroupMatrices: [16],
    };
    const slow = timings(['nvidia'], [256, 768, 768], { 'matmulNN.f16': 9, 'matmulNN.tiled': 1 });
    const fast = timings(['nvidia'], [256, 768, 768], { 'matmulNN.f16': 1, 'matmulNN.tiled': 9 });
    expect(chosen([256, 768, 768], { capabilities: half })).toBe('matmulNN.f16');
    expect(chosen([256, 768, 768], { capabilities: half, measured: [slow] })).toBe('matmulNN.f16');
    expect(chosen([256, 768, 768], { capabilities: matrices })).toBe('matmulNN.subgroupMatrix16');
    expect(chosen([8, 768, 768], { capabilities: matrices })).toBe('matmulNN');
    for (const precision of [undefined, 'f32'] as const)
      expect(chosen([256, 768, 768], { capabilities: { ...matrices, precision }, measured: [fast] })).toBe(
        'matmulNN.tiled',
      );
  });

  test('a forced kernel serves every size that it can, and others the rest', () => {
    const forced = { matmulNN: 'matmulNN.unrolled' };
    expect(chosen([8, 16, 16], { forced })).toBe('matmulNN.unrolled');
    expect(chosen([8, 15, 16], { forced })).toBe('matmulNN');
  });
});

describe('with timings', () => {
  test('one kernel does both passes where the second reads what the first saved: their times add up', () => {
    const dims = { B: 8, T: 32, H: 4, K: 4, E: 64 };
    const its = (forward: Record<string, number>, backward: Record<string, number>): AdapterTimings => ({
      adapter: 'llvmpipe',
      words: ['llvmpipe'],
      calls: [
        { op: 'attention', pass: 'forward', dims, ms: forward },
        { op: 'attention', pass: 'backward', dims, ms: backward },
      ],
    });
    const { graph, watched } = caseGraph(attention, { dims }, true);
    const fetch = Object.fromEntries(Object.entries(watched).filter(([name]) => !(name in attention.saved)));
    const chosenOf = (measured: AdapterTimings): Set<string> => {
      const { dispatches } = plan(graph, {
        kernels: withTimings(attention, [measured]),
        capabilities: lavapipe,
        fetch,
      });
      return new Set(dispatches.map(({ kernel }) => kernel));
    };
    const [naive, fast] = ['attention', 'attention.subgroup'];
    expect(chosenOf(its({ [naive]: 4, [fast]: 1 }, { [naive]: 2, [fast]: 9 }))).toEqual(new Set([naive]));
    expect(chosenOf(its({ [naive]: 4, [fast]: 1 }, { [naive]: 2, [fast]: 3 }))).toEqual(new Set([fast]));
    expect(chosenOf(its({ [fast]: 1 }, { [naive]: 2 }))).toEqual(new Set([naive]));
  });

  const slow = timings(['llvmpipe'], [256, 768, 768], { 'matmulNN.unrolled': 9, 'matmulNN.subgroup': 7 });

  test('the fastest at the nearest sizes serves a call', () => {
    expect(chosen([256, 768, 768], { measured: [slow] })).toBe('matmulNN.subgroup');
    expect(chosen([256, 1024, 768], { measured: [slow] })).toBe('matmulNN.subgroup');
  });

  test('what is faster by no more than noise is not taken for it', () => {
    const close = timings(['llvmpipe'], [256, 768, 768], { 'matmulNN.unrolled': 7.2, 'matmulNN.subgroup': 7 });
    expect(chosen([256, 768, 768], { measured: [close] })).toBe('matmulNN.unrolled');
  });

  test('they say nothing about other adapters, nor about sizes far away', () => {
    expect(chosen([256, 768, 768], { measured: [{ ...slow, words: ['LLVM 22'] }] })).toBe('matmulNN.unrolled');
    expect(chosen([256, 3072, 768], { measured: [slow] })).toBe('matmulNN.unrolled');
  });

  test('a file that names the adapter more closely goes before one that names its class', () => {
    const close = timings(['LLVMpipe', 'LLVM 15'], [512, 768, 768], {
      'matmulNN.unrolled': 3,
      'matmulNN.subgroup': 7,
    });
    expect(chosen([256, 768, 768], { measured: [slow, close] })).toBe('matmulNN.unrolled');
  });

  test('what takes long to compile is not compiled for small products, however fast it was', () => {
    const small = timings(['llvmpipe'], [64, 64, 64], { 'matmulNN.unrolled': 0.1, 'matmulNN.subgroup': 0.2 });
    expect(chosen([64, 64, 64], { measured: [small] })).toBe('matmulNN.subgroup');
  });
});

test('files of timings that ship name adapters by words, sizes by letters of an op, and kernels of that op', () => {
  const folder = new URL('../src/timings/', import.meta.url);
  for (const file of existsSync(folder) ? readdirSync(folder) : []) {
    const { adapter, words, calls } = JSON.parse(readFileSync(new URL(file, folder), 'utf8')) as AdapterTimings;
    expect(words.length, file).toBeGreaterThan(0);
    for (const word of words) expect(adapter.toLowerCase(), file).toContain(word.toLowerCase());
    for (const { op: name, pass, dims, ms } of calls) {
      const variants = kernels.filter(({ op }) => op.name === name);
      expect(Object.keys(ms).filter((kernel) => !variants.some((variant) => variant.name === kernel))).toEqual([]);
      expect(Object.values(ms).every((time) => time > 0)).toBe(true);
      const letters = Object.values(tensorsOf(variants[0]!.op)).join(' ').split(' ');
      expect(Object.keys(dims).filter((letter) => !letters.includes(letter))).toEqual([]);
      expect(['forward', 'backward']).toContain(pass);
    }
  }
});
