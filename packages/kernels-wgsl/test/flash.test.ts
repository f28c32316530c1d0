/** Attention without its pattern in memory: chosen where nobody looks at the pattern, and the same scores of edges. */
import { describe, expect, test } from 'vitest';
import {
  attention,
  attribute,
  capabilitiesOf,
  DeviceModel,
  Graph,
  initialise,
  nodesOf,
  plan,
  Random,
  Session,
  type Example,
  type ModelConfig,
} from '@circuit-tuning/core';
import { relativeError, testGpu } from '@circuit-tuning/testkit';
import { kernels } from '../src/index.js';
import { tinyGpt2, tinyLlama } from './tinyModels.js';

const { device, subgroup, isSoftware } = await testGpu();
const hasFlash = !isSoftware || (subgroup?.min === 8 && subgroup.max === 8);

const T = 64;
const dims = { B: 2, T, H: 4, K: 2, E: 8 };

test.runIf(hasFlash)('the pattern has no place in a plan unless it is fetched', () => {
  const graph = new Graph();
  const input = (name: string, heads: number) => graph.input(name, [2, T, heads, 8]);
  const mask = graph.input('mask', [2, T], 'u32');
  const ins = { q: input('q', 4), k: input('k', 2), v: input('v', 2), mask };
  const { z, pattern } = graph.call(attention, ins, { dims });
  const capabilities = capabilitiesOf(device, { isSoftware, ...(subgroup && { subgroup }) });
  const small = plan(graph, { kernels, capabilities, fetch: { z: z! }, isApart: true });
  expect(Math.max(...small.slots)).toBe(4 * 2 * T * 4 * 8);
  const large = plan(graph, { kernels, capabilities, fetch: { z: z!, pattern: pattern! }, isApart: true });
  expect(large.dispatches.every(({ kernel }) => kernel === 'attention')).toBe(true);
  expect(Math.max(...large.slots)).toBe(4 * 2 * 4 * T * T);
});

const random = new Random(3);
const text = (): number[] => Array.from({ length: T - 4 }, () => random.below(40));
const examples = [0, 1].map((line): Example => {
  const tokens = text();
  const corruptTokens = tokens.with(2, (tokens[2]! + 1) % 40).with(50, (tokens[50]! + 1) % 40);
  return { kind: 'tokens', id: `${line}`, line, tokens, corruptTokens, targets: [{ pos: T - 4, good: [6], bad: [7] }] };
});

async function scores(config: ModelConfig, name: string): Promise<Float32Array> {
  // What is for GPUs is right elsewhere too; the readable products keep its turn short.
  const readable = { matmulNN: 'matmulNN', matmulNT: 'matmulNT', matmulTN: 'matmulTN' };
  const isTiled = name === 'attention.tiled';
  const facts = { isSoftware: !isTiled, ...(subgroup && { subgroup }) };
  const forced = { attention: name, ...(isTiled && readable) };
  const session = new Session({ device, kernels, forced, ...facts });
  const model = await DeviceModel.load(session, config, initialise(config, 1));
  const options = { metric: 'logit_diff', ablation: 'patching', positions: 'all', batchSize: 2 } as const;
  const { values } = await attribute(model, examples, { nodes: nodesOf(config), ...options });
  session.dispose();
  return values;
}

describe.each([tinyGpt2, tinyLlama].map((config) => [config.modelType, { ...config, T }] as const))(
  '%s',
  (_, config) => {
    test.runIf(hasFlash).each(['attention.subgroup', 'attention.tiled'])(
      '%s finds the scores of the naive kernel',
      async (name) => {
        if (name === 'attention.subgroup' && !isSoftware) return;
        const got = await scores(config, name);
        expect(relativeError(got, await scores(config, 'attention'))).toBeLessThan(1e-5);
      },
    );
  },
);
