/** The gradient of a training objective with respect to every parameter that nodes own, on the host. */
import type { DeviceModel } from '../model/deviceModel.js';
import type { Batch } from '../task/batch.js';
import { feedObjective, feedSide } from '../task/feed.js';
import type { Objective } from '../task/objective.js';
import type { Nodes } from './nodes.js';
import { stateName } from './optimizer.js';
import { masksOfSlices } from './slices.js';
import { ownableSlices } from './methods/ownable.js';
import { partsOf, trainGraph } from './trainGraph.js';

/** By parameter, each whole. It needs room for all of them at once, as full tuning with accumulation does. */
export async function gradientsOf(
  model: DeviceModel,
  nodes: Nodes,
  batches: readonly Batch[],
  objectives: readonly Objective[],
): Promise<ReadonlyMap<string, Float32Array>> {
  const parts = partsOf(model, masksOfSlices(model.config, ownableSlices(nodes)));
  const names = parts.map(({ name }) => name);
  model.session.clear(...names.map((name) => stateName('grad', name)));
  for (const [i, micro] of batches.entries()) {
    const { B, T } = micro;
    const { M, P } = objectives[i]!;
    const options = { optimizer: 'sgd', isClipped: false, into: 'sum' } as const;
    const program = await model.program(JSON.stringify(['gradients', B, T, M, P, names]), () =>
      trainGraph(model.architecture({ B, T }), { M, P }, parts, options),
    );
    await program.run({ ...feedSide('clean.', micro.clean), ...feedObjective(objectives[i]!, B * T) });
  }
  const sums = await model.session.readAll(names.map((name) => stateName('grad', name)));
  return new Map(names.map((name) => [name, sums.get(stateName('grad', name))!]));
}
