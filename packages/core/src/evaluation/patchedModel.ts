/** A model whose edges can be cut: what every test of a circuit runs. */
import type { DeviceModel } from '../model/deviceModel.js';
import { requirePairs, type Example } from '../task/example.js';
import { feedObjective, feedSide, type Inputs } from '../task/feed.js';
import { isMean, takeMeans, type Ablation } from '../attribution/ablation.js';
import type { Circuit } from '../circuit/circuit.js';
import { collect, measure, prepare, type MeasureOptions } from './measure.js';
import { edgeIndex, isEdge, type Nodes } from '../circuit/nodes.js';
import { keptName, patchGraph } from './patchGraph.js';

export interface PatchOptions extends MeasureOptions {
  /** What takes the place of a source along an edge that is cut. */
  readonly ablation: Ablation;
}

/** Any circuit of it is a pass over the examples. */
export interface PatchedModel {
  readonly nodes: Nodes;
  /** The metric of the whole model, and with every edge ablated. */
  readonly clean: number;
  readonly ablated: number;
  /** The metric of a circuit, every other edge ablated. */
  readonly metricOf: (circuit: Circuit) => Promise<number>;
  /** (metric − ablated) / (clean − ablated): 1 for the whole model, 0 with every edge ablated. */
  readonly share: (metric: number) => number;
}

/**
 * Makes the plan, and measures the whole model and the ablated one, once for every circuit that is asked about.
 * @throws TaskError when patching is asked of examples without a corrupted side of the same length.
 */
export async function openPatched(
  model: DeviceModel,
  examples: readonly Example[],
  nodes: Nodes,
  options: PatchOptions,
): Promise<PatchedModel> {
  const { ablation } = options;
  if (ablation === 'patching') requirePairs(examples, { positions: 'all' });
  const { batches, objectives } = prepare(examples, options);
  const { B, T } = batches[0]!;
  const { M, P } = objectives[0]!;
  if (isMean(ablation)) await takeMeans(model, nodes, batches, ablation);
  const key = JSON.stringify(['patch', nodes.convention, nodes.mlpGroups, B, T, M, P, ablation]);
  const program = await model.program(key, () =>
    patchGraph(nodes, model.architecture({ B, T }, nodes.mlpGroups), { M, P }, ablation),
  );
  const metricOf = (kept: Circuit): Promise<number> =>
    model.session.during('measure', async () => {
      const edges = keptEdges(kept);
      const { value } = await collect(objectives, (i) =>
        program.run({
          ...feedSide('clean.', batches[i]!.clean),
          ...(ablation === 'patching' && feedSide('corrupt.', batches[i]!.corrupt!)),
          ...feedObjective(objectives[i]!, B * T),
          ...edges,
        }),
      );
      return value;
    });
  const clean = (await measure(model, examples, options)).value;
  const ablated = await metricOf({ nodes, edges: new Uint32Array() });
  return { nodes, clean, ablated, metricOf, share: (metric) => (metric - ablated) / (clean - ablated) };
}

/** For each read group, what `patchGraph` asks for. */
export function keptEdges({ nodes, edges }: Circuit): Inputs {
  const kept = new Set(edges);
  const S = nodes.sources.length;
  return Object.fromEntries(
    nodes.readGroups.map((group) => {
      const weights = new Float32Array(group.count * S);
      for (let i = 0; i < group.count; i++)
        for (let s = 0; s < S; s++) {
          const r = group.first + i;
          if (isEdge(nodes, s, r) && kept.has(edgeIndex(nodes, s, r))) weights[i * S + s] = -1;
        }
      return [keptName(group), weights];
    }),
  );
}
