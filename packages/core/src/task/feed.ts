/** Batches and objectives as the inputs that graphs declare. */
import type { Graph } from '../graph/graph.js';
import type { Value } from '../graph/value.js';
import { absDot } from '../ops/absDot.js';
import type { Upload } from '../run/program.js';
import type { Side } from './batch.js';
import type { Objective } from './objective.js';

export type Inputs = Record<string, Upload>;

export const feedSide = (prefix: string, { tokens, mask, positions }: Side): Inputs => ({
  [`${prefix}tokens`]: tokens,
  [`${prefix}mask`]: mask,
  [`${prefix}positions`]: positions,
});

export interface ObjectiveInputs {
  rows: Value;
  starts: Value;
  ids: Value;
  seedPicked: Value;
  seedLse: Value;
}

/** Declares what `feedObjective` fills: M rows of N = B·T, P ids each. */
export const objectiveInputs = (graph: Graph, { N, M, P }: { N: number; M: number; P: number }): ObjectiveInputs => ({
  rows: graph.input('rows', [M], 'u32'),
  starts: graph.input('starts', [N + 1], 'u32'),
  ids: graph.input('ids', [M, P], 'u32'),
  seedPicked: graph.input('seedPicked', [M, P]),
  seedLse: graph.input('seedLse', [M]),
});

export const feedObjective = ({ rows, ids, pickWeight, lseWeight, penalty }: Objective, N: number): Inputs => ({
  rows,
  starts: rangeStarts(rows, N),
  ids,
  seedPicked: pickWeight,
  seedLse: lseWeight,
  ...(penalty && { 'penalty.weight': penalty.weight, 'penalty.size': Float32Array.of(penalty.size) }),
});

/** The seeds of a gradient; with those of a penalty, whose sign only the forward pass tells. */
export function seedsOf(
  graph: Graph,
  { picked, lse }: { picked: Value; lse: Value },
  { seedPicked, seedLse }: ObjectiveInputs,
  hasPenalty = false,
): Map<Value, Value> {
  const seeds = new Map([
    [picked, seedPicked],
    [lse, seedLse],
  ]);
  if (!hasPenalty) return seeds;
  const [M, P] = picked.shape as [number, number];
  const weight = graph.input('penalty.weight', [M, P]);
  const { y } = graph.call(absDot, { x: picked, weight }, { dims: { N: M * P, O: 1 }, label: 'penalty' });
  return seeds.set(y!, graph.input('penalty.size', [1]));
}

/** For ascending keys below `count`: where each key's range begins, and the end, [count + 1]. */
export function rangeStarts(keys: Uint32Array, count: number): Uint32Array {
  const starts = new Uint32Array(count + 1);
  for (const key of keys) starts[key + 1]!++;
  for (let i = 0; i < count; i++) starts[i + 1]! += starts[i]!;
  return starts;
}
