/** A circuit that was planted is found, by every method, in both architectures. */
import { afterEach, describe, expect, test } from 'vitest';
import { allEdges, attribute, DeviceModel, edgeName, faithfulness, measure, Session } from '@circuit-tuning/core';
import { testGpu } from '@circuit-tuning/testkit';
import { kernels } from '../src/index.js';
import {
  plantedEdges,
  plantedExamples,
  plantedGpt2,
  plantedLlama,
  plantedNodes,
  plantedParameters,
} from './plantedModel.js';

const { device, subgroup, isSoftware } = await testGpu();
const sessions: Session[] = [];
afterEach(() => sessions.splice(0).forEach((opened) => opened.dispose()));

/** The chance that one that is true scores above one that is not. */
function auroc(scores: readonly number[], isTrue: readonly boolean[]): number {
  const [yes, no] = [true, false].map((side) => scores.filter((_, i) => isTrue[i] === side));
  const won = yes!.flatMap((a) => no!.map((b): number => (a > b ? 1 : a === b ? 0.5 : 0)));
  return won.reduce((sum, it) => sum + it, 0) / won.length;
}

describe.each([
  ['GPT-2', plantedGpt2],
  ['Llama in blocks of neurons', plantedLlama],
] as const)('a circuit planted in a %s', (_, config) => {
  const load = async (): Promise<DeviceModel> => {
    const session = new Session({ device, kernels, isSoftware, ...(subgroup && { subgroup }) });
    sessions.push(session);
    return DeviceModel.load(session, config, plantedParameters(config));
  };
  const nodes = plantedNodes(config);
  const edges = allEdges(nodes);

  test.each(['value', 'key'] as const)('that answers by a %s is what the model does its task with', async (way) => {
    const model = await load();
    const examples = plantedExamples(way);
    const { accuracy } = await measure(model, examples, { metric: 'logit_diff', batchSize: 8 });
    expect(accuracy).toBe(1);
    const truth = plantedEdges(config, way, nodes);
    const circuit = { nodes, edges: edges.filter((edge) => truth.includes(edgeName(nodes, edge))) };
    const options = { metric: 'logit_diff', ablation: 'patching', batchSize: 8, controls: 0 } as const;
    const [found] = await faithfulness(model, examples, [circuit], options);
    expect(circuit.edges).toHaveLength(4);
    expect(found!.faithfulness).toBeGreaterThan(0.8);
    expect(found!.faithfulness).toBeLessThan(1.2);
  });

  test.each(['EAP', 'EAP-IG-inputs', 'EAP-IG-activations', 'EAP-IG-own-layer', 'clean-corrupted', 'exact'] as const)(
    'is found by %s: AUROC of its edges above 0.95',
    async (method) => {
      const model = await load();
      for (const way of ['value', 'key'] as const) {
        const options = { nodes, method, metric: 'logit_diff', ablation: 'patching', positions: 'all' } as const;
        const { values } = await attribute(model, plantedExamples(way), { ...options, batchSize: 8 });
        const truth = plantedEdges(config, way, nodes);
        const isTrue = [...edges].map((edge) => truth.includes(edgeName(nodes, edge)));
        expect(isTrue.filter(Boolean)).toHaveLength(4);
        const sizes = Array.from(edges, (edge) => Math.abs(values[edge]!));
        expect(auroc(sizes, isTrue), way).toBeGreaterThan(0.95);
      }
    },
  );
});
