/**
 * Where the nodes of a circuit stand: signals flow upwards, from the input at the bottom through one row of heads and one
 * of MLPs a layer to the logits at the top. An edge leaves a node at its top and enters one at its bottom, under attention
 * heads at the place of what is read there: query, key or value.
 */
import type { CircuitEdges, CircuitNodes } from './circuitData.js';
import { nodeOfRead, readersOf } from './circuitData.js';

export interface PlacedNode {
  readonly name: string;
  /** `heads`: all of a layer in one. */
  readonly kind: 'input' | 'head' | 'heads' | 'mlp' | 'logits';
  readonly layer: number;
  /** Head, or block of an MLP. */
  readonly index: number;
  readonly x: number;
  readonly y: number;
  /** Half its width and half its height. */
  readonly rx: number;
  readonly ry: number;
}

/** Key/value head shared by several query heads: a bar under them. */
export interface SharedReads {
  readonly x: number;
  readonly y: number;
  readonly width: number;
}

export interface Point {
  readonly x: number;
  readonly y: number;
}

export interface CircuitLayout {
  readonly width: number;
  readonly height: number;
  readonly nodes: readonly PlacedNode[];
  /** Index into `nodes` by name. */
  readonly nodeAt: ReadonlyMap<string, number>;
  /** Indices into `nodes`, from the input upwards, each row from left to right. */
  readonly rows: readonly (readonly number[])[];
  readonly labels: readonly { readonly text: string; readonly y: number }[];
  readonly shared: readonly SharedReads[];
  /** Folded by layers: heads stand on the left, MLPs on the right, and edges within a side bow out of it. */
  readonly isFolded: boolean;
  /** Of each source, the node that writes it and where its edges begin. */
  readonly out: readonly (Point & { readonly node: number })[];
  /** Of each read, the nodes that read it and where its edges end. */
  readonly into: readonly (Point & { readonly nodes: readonly number[] })[];
}

interface Parsed {
  readonly name: string;
  readonly kind: PlacedNode['kind'];
  readonly layer: number;
  readonly index: number;
}

const GUTTER = 34;
const MARGIN = 14;
/** Closer than this, heads touch; the picture then grows wider than its place and scrolls. */
const LEAST_PITCH = 13;

/** In a box heads may touch, and rows that are still too long go on in a row above: the reader zooms in. */
const LEAST_IN_BOX = 6;

/**
 * Without a height as high as it comes out.
 * @throws RangeError where a name is no node of either convention.
 */
export function layoutCircuit(circuit: CircuitNodes, wantedWidth: number, wantedHeight?: number): CircuitLayout {
  const isBox = wantedHeight !== undefined;
  const most = Math.max(1, Math.floor((wantedWidth - GUTTER - 2 * MARGIN) / LEAST_IN_BOX));
  const rowsOf = inRows(circuit).flatMap((row) => (isBox ? wrapped(row, most) : [row]));
  const widest = Math.max(1, ...rowsOf.map((row) => row.length));
  const width = isBox ? wantedWidth : Math.max(wantedWidth, GUTTER + 2 * MARGIN + widest * LEAST_PITCH);
  const span = width - GUTTER - 2 * MARGIN;
  const pitch = Math.min(92, span / widest);
  const inBox = isBox ? (wantedHeight - 2 * MARGIN - 8) / rowsOf.length : Infinity;
  const r = Math.max(isBox ? 1 : 4, Math.min(12, pitch * 0.38, inBox * 0.34));
  // few layers get room for their edges, many stay on one screen
  const gap = isBox
    ? (wantedHeight - 2 * MARGIN - 2 * r - 8) / Math.max(1, rowsOf.length - 1)
    : Math.min(72, Math.max(3.4 * r, 600 / rowsOf.length));
  const height = isBox ? wantedHeight : 2 * MARGIN + r * 2 + gap * (rowsOf.length - 1) + 8;
  const centre = GUTTER + MARGIN + span / 2;
  const isFolded = rowsOf.some((row) => row[0]!.kind === 'heads');
  const aside = { heads: -1, mlp: 1, head: 0, input: 0, logits: 0 };
  const lone = Math.min(Math.max(7, r * 0.85), inBox * 0.34);

  const nodes: PlacedNode[] = [];
  const rows: number[][] = [];
  const labels: { text: string; y: number }[] = [];
  for (const [i, row] of rowsOf.entries()) {
    const y = height - MARGIN - r - 8 - i * gap;
    const { kind, layer } = row[0]!;
    const isFirst = rowsOf[i - 1]?.[0]?.kind !== kind || rowsOf[i - 1]?.[0]?.layer !== layer;
    if ((isFirst && (kind === 'head' || kind === 'heads')) || (kind === 'mlp' && rowsOf[i - 1]?.[0]?.layer !== layer))
      labels.push({ text: `L${layer}`, y });
    rows.push(row.map((_, column) => nodes.length + column));
    const isAlone = kind !== 'head' && row.length === 1;
    for (const [column, node] of row.entries())
      nodes.push({
        ...node,
        x:
          centre +
          (column - (row.length - 1) / 2) * pitch +
          (isFolded ? aside[node.kind] * Math.min(110, span * 0.16) : 0),
        y,
        rx: isAlone ? Math.max(Math.min(20, lone * 2.85), r * 2.2) : r,
        ry: isAlone ? lone : r,
      });
  }

  const nodeAt = new Map(nodes.map(({ name }, i) => [name, i]));
  const ports = readPorts(circuit, nodes, nodeAt, r);
  return {
    width,
    height,
    nodes,
    nodeAt,
    rows,
    labels,
    shared: ports.shared,
    isFolded,
    out: circuit.sources.map((name) => {
      const node = nodeAt.get(name)!;
      const { x, y, ry } = nodes[node]!;
      return { node, x, y: y - ry };
    }),
    into: circuit.reads.map((read) => ports.of(read)),
  };
}

/** Node names by row, from the input upwards. */
function inRows(circuit: CircuitNodes): Parsed[][] {
  const { sources, reads, layers, heads } = circuit;
  const names = new Set([...sources, ...reads.flatMap((read) => readersOf(circuit, read))]);
  // a layer with some heads in the file has them all
  for (let layer = 0; layer < layers; layer++)
    if (names.has(`a${layer}.h0`)) for (let head = 0; head < heads; head++) names.add(`a${layer}.h${head}`);
  const rows = new Map<number, Parsed[]>();
  for (const name of names) {
    const node = parseNode(name, layers);
    const row =
      node.kind === 'input' ? -1 : node.kind === 'logits' ? Infinity : node.layer * 2 + (node.kind === 'mlp' ? 1 : 0);
    if (!rows.has(row)) rows.set(row, []);
    rows.get(row)!.push(node);
  }
  return [...rows.entries()].sort(([a], [b]) => a - b).map(([, row]) => row.sort((a, b) => a.index - b.index));
}

/** A row in as few as have at most `most` nodes, all about as long. */
function wrapped(row: Parsed[], most: number): Parsed[][] {
  const length = Math.ceil(row.length / Math.ceil(row.length / most));
  return Array.from({ length: Math.ceil(row.length / length) }, (_, i) => row.slice(i * length, (i + 1) * length));
}

export function parseNode(name: string, layers = Infinity): Parsed {
  if (name === 'input') return { name, kind: 'input', layer: -1, index: 0 };
  if (name === 'logits') return { name, kind: 'logits', layer: layers, index: 0 };
  const found = /^(?:a(\d+)(?:\.h(\d+))?|m(\d+)(?:\.b(\d+))?)$/.exec(name);
  if (!found) throw new RangeError(`${name}: must be input, a<layer>.h<head>, m<layer>, m<layer>.b<block> or logits`);
  const [, attn, head, mlp, block] = found;
  return attn === undefined
    ? { name, kind: 'mlp', layer: Number(mlp), index: Number(block ?? 0) }
    : { name, kind: head === undefined ? 'heads' : 'head', layer: Number(attn), index: Number(head ?? 0) };
}

function readPorts(
  circuit: CircuitNodes,
  nodes: readonly PlacedNode[],
  nodeAt: ReadonlyMap<string, number>,
  r: number,
) {
  const isShared = circuit.kvHeads < circuit.heads;
  const shared = new Map<string, SharedReads>();
  const of = (read: string): Point & { nodes: number[] } => {
    const what = /<(.*)>$/.exec(read)?.[1];
    const readers = readersOf(circuit, read).map((name) => nodeAt.get(name)!);
    const [first, last] = [nodes[readers[0]!]!, nodes[readers.at(-1)!]!];
    const { x, y, rx, ry, kind } = first;
    if (readers.length > 1) {
      const bar = { x: (x + last.x) / 2, y: y + ry + 5, width: last.x - x + rx };
      shared.set(nodeOfRead(read), bar);
      return { nodes: readers, x: bar.x + (what === 'k' ? -0.25 : 0.25) * bar.width, y: bar.y };
    }
    const side = what === 'q' || what === 'gate' ? -1 : what === 'v' || what === 'in' ? 1 : 0;
    const dx = isShared && what === 'q' ? 0 : side * 0.62 * r;
    return { nodes: readers, x: x + dx, y: kind === 'head' ? y + ry * (dx === 0 ? 1 : 0.79) : y + ry };
  };
  for (const read of circuit.reads) of(read);
  return { of, shared: [...shared.values()] };
}

/**
 * Cubic Bézier curves, eight numbers an edge: start, two control points, end. Edges between nodes that stand above each
 * other bow out, to the side that the parity of their ends says, so that they do not run through what stands between.
 */
export function edgeCurves(layout: CircuitLayout, { from, to }: CircuitEdges): Float32Array<ArrayBuffer> {
  const curves = new Float32Array(from.length * 8);
  const inPicture = (x: number): number => Math.min(layout.width - 3, Math.max(GUTTER - 6, x));
  const middle = (GUTTER + layout.width) / 2;
  for (let i = 0; i < from.length; i++) {
    const start = layout.out[from[i]!]!;
    const end = layout.into[to[i]!]!;
    const rise = start.y - end.y;
    const isAbove = Math.abs(end.x - start.x) < 16;
    const side = layout.isFolded ? start.x - middle : (start.node + end.nodes[0]!) % 2 ? 1 : -1;
    const bow = isAbove && rise > 60 ? Math.sign(side) * (8 + (layout.isFolded ? 0.5 : 0.2) * rise) : 0;
    const pull = Math.max(10, rise * 0.42);
    const [x1, x2] = [inPicture(start.x + bow), inPicture(end.x + bow)];
    curves.set([start.x, start.y, x1, start.y - pull, x2, end.y + pull, end.x, end.y], i * 8);
  }
  return curves;
}

/** Strength in [0, 1]: the square root of |score| over the greatest, since scores span decades. */
export function strengths({ score }: CircuitEdges, greatest?: number): Float32Array<ArrayBuffer> {
  const size = Float32Array.from(score, Math.abs);
  const most = greatest ?? size.reduce((a, b) => Math.max(a, b), 0);
  return size.map((value) => (most > 0 ? Math.sqrt(Math.min(1, value / most)) : 0));
}

/** Edge indices from the weakest to the strongest, so that the strongest are drawn last and on top. */
export const weakestFirst = (strength: ArrayLike<number>): Uint32Array<ArrayBuffer> =>
  Uint32Array.from({ length: strength.length }, (_, i) => i).sort((a, b) => strength[a]! - strength[b]! || b - a);
