/** The gradient of a training objective with respect to every parameter that nodes own, on the host. */
import type { DeviceModel } from '../model/deviceModel.js';
import type { Batch } from '../task/batch.js';
import { feedObjective, feedSide } from '../task/feed.js';
import type { Objective } from '../task/objective.js';
import type { Nodes } from '../circuit/nodes.js';
import { masksOfSlices } from '../circuit/slices.js';
import { StatePlaces } from './statePlaces.js';
import { ownableSlices } from './methods/ownable.js';
import { heldName, trainGraph } from './trainGraph.js';
import type { TunedPart } from './part.js';
import { gradRows, partsOf, placed, tunedArenas } from './tunedParts.js';

const PREFIX = 'gradients';

/** By parameter, each whole. It needs room for all of them at once, as full tuning with accumulation does. */
export async function gradientsOf(
  model: DeviceModel,
  nodes: Nodes,
  batches: readonly Batch[],
  objectives: readonly Objective[],
): Promise<ReadonlyMap<string, Float32Array>> {
  const { arenas, session } = model;
  const parts = placed(partsOf(model, masksOfSlices(model.config, ownableSlices(nodes))), arenas);
  const places = new StatePlaces();
  places.hold(parts);
  const tuned = { prefix: PREFIX, parts, arenas: tunedArenas(arenas, parts, places) };
  for (const { name, rows } of parts) if (rows) session.write(heldName(tuned, 'rows', name), rows);
  const sumOf = (arena: number): string => heldName(tuned, 'sum', arena);
  session.clear(...tuned.arenas.map(({ index }) => sumOf(index)));
  const shapes = parts.map((part) => [part.name, gradRows(part)]);
  for (const [i, micro] of batches.entries()) {
    const { B, T } = micro;
    const { M, P, penalty } = objectives[i]!;
    const hasPenalty = penalty !== undefined;
    const options = { optimizer: 'sgd', isClipped: false, into: 'sum' } as const;
    const program = await model.program(JSON.stringify([PREFIX, B, T, M, P, hasPenalty, shapes]), () =>
      trainGraph(model.architecture({ B, T }), { M, P, hasPenalty }, tuned, options),
    );
    await program.run({ ...feedSide('clean.', micro.clean), ...feedObjective(objectives[i]!, B * T) });
  }
  const sums = await session.readAll(tuned.arenas.map(({ index }) => sumOf(index)));
  return new Map(parts.map((part) => [part.name, whole(part, sums.get(sumOf(part.arena))!)]));
}

/** Zeros in rows that nobody asked about. */
function whole({ shape, rows, gradAt }: TunedPart, sums: Float32Array): Float32Array {
  const all = new Float32Array(shape.reduce((n, size) => n * size, 1));
  const width = shape[1]!;
  if (!rows) all.set(sums.subarray(gradAt, gradAt + all.length));
  else rows.forEach((row, i) => all.set(sums.subarray(gradAt + i * width, gradAt + (i + 1) * width), row * width));
  return all;
}
