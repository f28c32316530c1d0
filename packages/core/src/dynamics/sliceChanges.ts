/**
 * Where in a model an update lies: for each slice that a node owns, and for what no node owns, with Δ = after − before,
 *
 *   moved = ‖Δ‖₂ · relative = ‖Δ‖₂ / ‖before‖₂ · share = ‖Δ‖₂² / ‖Δ of the whole model‖₂²
 *
 * Shares add up to 1. A slice that several nodes share (an output bias) is listed once, under its layer's name.
 *
 * Misleads: a norm says how far numbers moved, not what that does: LayerNorm gains, embeddings of rare tokens and directions
 * that nothing reads weigh the same; large slices move further at equal steps, so compare `relative`, or the root mean
 * square moved / √numbers; under AdamW nearly every free number moves by about the learning rate in each step, which
 * flattens all differences. Under grouped-query attention keys and values belong to key/value heads, by their own count.
 */
import { movementOf, type Movement } from '../tuning/movedBy.js';
import { nodeOfRead, type Nodes } from '../circuit/nodes.js';
import { maskRows, slicesOfNode } from '../circuit/slices.js';
import { parameterShapes } from '../model/parameters.js';
import type { Parameters } from '../model/weights.js';

/** Embeddings, positions, norms and the unembedding: no circuit tunes them. */
export const OUTSIDE = 'outside every node';

export interface SliceChange extends Movement {
  /** `a3.h5`, `m7`, or `a3` for what the heads of a layer share; OUTSIDE for what no node owns. */
  readonly node: string;
  /** Absent where the base is all zeros. */
  readonly relative?: number;
  /** 0 where nothing moved at all. */
  readonly share: number;
  /** Effective rank of Δ; absent where it is not asked for, for vectors, and for slices that are larger than asked for. */
  readonly rank?: number;
}

export interface NodeChange {
  readonly node: string;
  readonly numbers: number;
  readonly norm: number;
  readonly moved: number;
  readonly relative?: number;
  readonly share: number;
}

export interface SliceOptions {
  /**
   * Measures ranks, as `effectiveRank` does, of slices whose smaller side is at most `upTo`; the cost grows with its cube. To
   * be given, because eigenvalues are a library of their own, which a page that wants none must not carry.
   */
  readonly rank?: {
    readonly of: (values: Float64Array, rows: number, columns: number) => number;
    readonly upTo: number;
  };
  readonly onProgress?: (done: number, of: number) => void;
}

/** In the model's order; one parameter of each model is in memory at a time. */
export async function sliceChanges(
  nodes: Nodes,
  base: Parameters,
  now: Parameters,
  { rank, onProgress }: SliceOptions = {},
): Promise<SliceChange[]> {
  const owned = ownersOf(nodes);
  const shapes = parameterShapes(nodes.config);
  const changes: Omit<SliceChange, 'share'>[] = [];
  for (const [i, { name, shape }] of shapes.entries()) {
    const [before, after] = [await base.read(name), await now.read(name)];
    const rows = maskRows(name, shape);
    const width = before.length / rows;
    for (const { node, from, to } of owned.get(name) ?? [{ node: OUTSIDE, from: 0, to: rows }]) {
      const was = before.subarray(from * width, to * width);
      const is = after.subarray(from * width, to * width);
      const each = shape[0]! / rows;
      const change = movementOf(name, { from: from * each, to: to * each }, was, is);
      const isMatrix = shape.length === 2 && node !== OUTSIDE;
      changes.push({
        node,
        ...change,
        ...(change.norm > 0 && { relative: change.moved / change.norm }),
        ...(rank &&
          isMatrix &&
          Math.min(to - from, width) <= rank.upTo && { rank: rank.of(change64(was, is), to - from, width) }),
      });
    }
    onProgress?.(i + 1, shapes.length);
  }
  const total = changes.reduce((sum, { moved }) => sum + moved ** 2, 0);
  return changes.map((change) => ({ ...change, share: total > 0 ? change.moved ** 2 / total : 0 }));
}

const change64 = (was: Float32Array, is: Float32Array): Float64Array =>
  Float64Array.from(is, (value, k) => value - was[k]!);

/** Of all slices of a node together; the furthest moved first. */
export function nodeChanges(slices: readonly SliceChange[]): NodeChange[] {
  const names = [...new Set(slices.map(({ node }) => node))];
  return names
    .map((node): NodeChange => {
      const own = slices.filter((slice) => slice.node === node);
      const sum = (of: (slice: SliceChange) => number): number => own.reduce((total, slice) => total + of(slice), 0);
      const norm = Math.sqrt(sum((slice) => slice.norm ** 2));
      const moved = Math.sqrt(sum((slice) => slice.moved ** 2));
      return {
        node,
        numbers: sum(({ numbers }) => numbers),
        norm,
        moved,
        ...(norm > 0 && { relative: moved / norm }),
        share: sum(({ share }) => share),
      };
    })
    .sort((a, b) => b.moved - a.moved);
}

/** The rows of each parameter by who owns them, ascending. */
function ownersOf(nodes: Nodes): Map<string, { node: string; from: number; to: number }[]> {
  const owned = new Map<string, { node: string; from: number; to: number }[]>();
  for (const node of new Set([...nodes.sources, ...nodes.reads.map(nodeOfRead)]))
    for (const { parameter, from, to } of slicesOfNode(nodes, node)) {
      const slices = owned.get(parameter) ?? [];
      const known = slices.find((slice) => slice.from === from);
      if (known) known.node = node.replace(/\..*$/, '');
      else slices.push({ node, from, to });
      owned.set(
        parameter,
        slices.sort((a, b) => a.from - b.from),
      );
    }
  return owned;
}
