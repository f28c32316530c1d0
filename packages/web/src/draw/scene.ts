/** Which edges are drawn and how, of all that a search kept: which as strokes, which as part of the density below them. */
import type { CircuitNodes } from './circuitData.js';
import type { CircuitLook } from './circuitOptions.js';
import { look, WEIGHTS } from './density.js';
import type { EdgeTable } from './edgeTable.js';
import type { CircuitLayout } from './layout.js';
import type { Drawable } from './paint.js';

/**
 * Up to so many edges are strokes, all of them with widths and dashes. Of more than that the strongest so many are, the
 * strongest of these with widths, and the rest is a density: Chromium without a GPU strokes some 20,000 curves a second,
 * and hairlines in a ninth of the time.
 */
export const STROKES = 300;
const BOLD_OF_MANY = 50;

/** Steps of strength in the density: a search that moves scores by less than a step changes nothing there. */
const STEPS = 8;

export interface Scene extends Drawable {
  /** Slots of the edges that are no strokes. */
  readonly fine: Uint32Array;
  /** Slots of the edges that are switched off, of those that would be drawn. */
  readonly off: Uint32Array;
  /** 1 for nodes of the layout with an edge. */
  readonly inside: Uint8Array;
  readonly nodesInside: number;
  readonly count: number;
  /** Of each slot, for the density. */
  readonly looks: Uint16Array;
}

export function sceneOf(
  table: EdgeTable,
  layout: CircuitLayout,
  nodes: CircuitNodes,
  { top = Infinity, least = 0, greatest, colourBy = 'sign', off = [] }: Omit<CircuitLook, 'label'>,
): Scene {
  const { present, score, change } = table;
  const strength = new Float32Array(table.count);
  let most = greatest ?? 0;
  if (greatest === undefined) for (const slot of present) most = Math.max(most, Math.abs(score[slot]!));
  for (const slot of present) strength[slot] = most > 0 ? Math.sqrt(Math.min(1, Math.abs(score[slot]!) / most)) : 0;

  const all = strongest(
    least > 0 ? present.filter((slot) => Math.abs(score[slot]!) >= least * most) : present,
    strength,
    top,
  );
  const isOff = offEdges(table, nodes, off);
  const shown = isOff ? all.filter((slot) => !isOff(slot)) : all;
  const strokes = strongest(shown, strength, STROKES);
  const isStroke = new Uint8Array(strokes === shown ? 0 : table.count);
  for (const slot of strokes) isStroke[slot] = 1;
  const fine = strokes === shown ? new Uint32Array(0) : shown.filter((slot) => isStroke[slot] === 0);

  const looks = new Uint16Array(table.count);
  for (const slot of fine) {
    const layer = colourBy === 'change' ? change[slot]! : score[slot]! < 0 ? 1 : 0;
    const step = Math.round(STEPS * strength[slot]!);
    looks[slot] = look(layer, Math.max(1, Math.round((step / STEPS) * (WEIGHTS - 1))));
  }
  const inside = new Uint8Array(layout.nodes.length);
  const writes = new Uint8Array(layout.out.length);
  const reads = new Uint8Array(layout.into.length);
  for (const slot of all) {
    writes[table.from[slot]!] = 1;
    reads[table.to[slot]!] = 1;
  }
  for (const [source, { node }] of layout.out.entries()) if (writes[source]) inside[node] = 1;
  for (const [read, { nodes: readers }] of layout.into.entries())
    if (reads[read]) for (const reader of readers) inside[reader] = 1;
  return {
    edges: table,
    curves: table.curves,
    strength,
    bold: fine.length > 0 ? BOLD_OF_MANY : strokes.length,
    order: strokes.slice().sort((a, b) => strength[a]! - strength[b]! || b - a),
    fine,
    off: isOff ? strongest(all.filter(isOff), strength, STROKES) : new Uint32Array(0),
    inside,
    nodesInside: inside.reduce((sum, one) => sum + one, 0),
    count: all.length,
    looks,
  };
}

/** Strengths are sorted into so many bins first, so that only one of these has to be sorted. */
const BINS = 4096;

/** The strongest `count` of some slots, in the order in which they come; of equal strength the first slots. */
function strongest(slots: Uint32Array, strength: Float32Array, count: number): Uint32Array {
  if (slots.length <= count) return slots;
  const bins = new Uint32Array(BINS + 1);
  for (const slot of slots) bins[(strength[slot]! * BINS) | 0]! += 1;
  let bin = BINS;
  let above = 0;
  while (bin > 0 && above + bins[bin]! < count) above += bins[bin--]!;
  const inBin = slots
    .filter((slot) => ((strength[slot]! * BINS) | 0) === bin)
    .sort((a, b) => strength[b]! - strength[a]! || a - b)
    .subarray(0, Math.max(0, count - above));
  const isIn = new Set(inBin);
  return slots.filter((slot) => {
    const at = (strength[slot]! * BINS) | 0;
    return at > bin || (at === bin && isIn.has(slot));
  });
}

/** An edge is off where it is named, or what writes it is; undefined where nothing is. */
function offEdges(
  table: EdgeTable,
  { sources, reads }: CircuitNodes,
  off: readonly string[],
): ((slot: number) => boolean) | undefined {
  if (off.length === 0) return undefined;
  const names = new Set(off);
  const isSourceOff = sources.map((name) => names.has(name));
  const edges = new Set<number>();
  for (const name of off) {
    const at = name.indexOf('->');
    if (at < 0) continue;
    const [from, to] = [sources.indexOf(name.slice(0, at)), reads.indexOf(name.slice(at + 2))];
    const slot = from < 0 || to < 0 ? undefined : table.slot(from, to);
    if (slot !== undefined) edges.add(slot);
  }
  return (slot) => isSourceOff[table.from[slot]!]! || edges.has(slot);
}
