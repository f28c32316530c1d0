/** How far the parameters of one node moved. */
import type { Rows } from '../io/safetensors.js';
import { parameterShapes } from '../model/parameters.js';
import type { Parameters } from '../model/weights.js';
import type { Nodes } from '../circuit/nodes.js';
import { maskRows, slicesOfNode } from '../circuit/slices.js';

export interface Movement {
  readonly parameter: string;
  /** Rows [from, to) of the parameter; of a bias, numbers. */
  readonly from: number;
  readonly to: number;
  readonly numbers: number;
  /** L2 norm of these numbers in the base, and of what was added to them. */
  readonly norm: number;
  readonly moved: number;
}

/**
 * For each slice that the node owns (writing and reading), its size in the base and its change. Only these rows are read.
 * @throws ConfigError where the graph has no such node.
 */
export async function movedBy(nodes: Nodes, name: string, base: Parameters, now: Parameters): Promise<Movement[]> {
  const shapes = new Map(parameterShapes(nodes.config).map((it) => [it.name, it.shape]));
  const movements: Movement[] = [];
  for (const { parameter, from, to } of slicesOfNode(nodes, name)) {
    const shape = shapes.get(parameter)!;
    // a bias that heads share is one row of its mask, and D numbers
    const each = shape[0]! / maskRows(parameter, shape);
    const rows = { from: from * each, to: to * each };
    const [before, after] = [await base.read(parameter, rows), await now.read(parameter, rows)];
    movements.push(movementOf(parameter, rows, before, after));
  }
  return movements;
}

/** Of rows of a parameter that were read already. */
export const movementOf = (
  parameter: string,
  { from, to }: Rows,
  before: ArrayLike<number>,
  after: ArrayLike<number>,
): Movement => ({
  parameter,
  from,
  to,
  numbers: before.length,
  norm: norm(before.length, (i) => before[i]!),
  moved: norm(before.length, (i) => after[i]! - before[i]!),
});

function norm(length: number, at: (i: number) => number): number {
  let sum = 0;
  for (let i = 0; i < length; i++) sum += at(i) ** 2;
  return Math.sqrt(sum);
}
