/** Strokes of the circuit picture on a 2D canvas. */
import { ENTERED, GREW, KEPT, LEFT, SHRANK, type CircuitEdges } from './circuitData.js';
import { lineWidth, nodeText, opacity } from './circuitSvg.js';
import type { CircuitLayout } from './layout.js';
import type { Palette } from './theme.js';

export type ColourBy = 'sign' | 'change';

/** Edges ready to be drawn: their curves, strengths, and an order from the weakest to the strongest. */
export interface Drawable {
  readonly edges: CircuitEdges;
  readonly curves: Float32Array;
  readonly strength: Float32Array;
  readonly order: Uint32Array;
}

/** Strokes of one width and colour are one path: a thousand edges are a dozen calls. */
const LEVELS = 10;
/** A path of more curves than this is slower than several: the rasterizer sorts all its edges at once. */
const AT_ONCE = 64;
/**
 * So many of the strongest edges have a width and dashes, all others are hairlines: Chromium without a GPU draws 10,000
 * curves of at most one pixel in a ninth of the time that it takes for curves of two.
 */
const BOLD = 500;

export function paintEdges(
  context: CanvasRenderingContext2D,
  drawable: Drawable,
  palette: Palette,
  colourBy: ColourBy,
): void {
  const { change } = drawable.edges;
  const layer = (order: Uint32Array, weight: number): void => {
    const bold = Math.max(0, order.length - BOLD);
    // thousands of strong lines would be one blot
    const crowd = Math.min(1, (400 / Math.max(1, order.length)) ** 0.35);
    const style = { palette, colourBy, weight, crowd };
    paintLayer(context, drawable, order.subarray(0, bold), { ...style, isFine: true });
    paintLayer(context, drawable, order.subarray(bold), { ...style, isFine: false });
  };
  if (colourBy === 'sign' || !change) return layer(drawable.order, 1);
  // what changed is the news: it lies on top, and what stayed steps back
  layer(
    drawable.order.filter((i) => change[i] === KEPT),
    0.6,
  );
  layer(
    drawable.order.filter((i) => change[i] !== KEPT),
    1.25,
  );
}

interface LayerStyle {
  readonly palette: Palette;
  readonly colourBy: ColourBy;
  /** Above 1 comes forward, below steps back. */
  readonly weight: number;
  readonly crowd: number;
  readonly isFine: boolean;
}

function paintLayer(
  context: CanvasRenderingContext2D,
  { edges, curves, strength }: Drawable,
  order: Uint32Array,
  { palette, colourBy, weight, crowd, isFine }: LayerStyle,
): void {
  context.lineCap = isFine ? 'butt' : 'round';
  let at = 0;
  for (let level = 0; level < LEVELS; level++) {
    const limit = level === LEVELS - 1 ? Infinity : (level + 1) / LEVELS;
    const groups = new Map<string, { colour: string; dash: number[]; edges: number[] }>();
    for (; at < order.length && strength[order[at]!]! <= limit; at++) {
      const i = order[at]!;
      const { colour, dash } = strokeOf(edges, i, palette, colourBy);
      if (!groups.has(colour)) groups.set(colour, { colour, dash, edges: [] });
      groups.get(colour)!.edges.push(i);
    }
    const middle = (level + 0.5) / LEVELS;
    for (const group of groups.values()) {
      context.strokeStyle = group.colour;
      context.setLineDash(isFine ? [] : group.dash);
      // device pixels, since that is what makes a hairline
      context.lineWidth = isFine
        ? Math.min(lineWidth(middle), 1 / context.getTransform().a)
        : lineWidth(middle) * Math.max(1, weight);
      context.globalAlpha = Math.min(1, (opacity(middle) + (weight > 1 ? 0.25 : 0)) * weight * crowd);
      for (let from = 0; from < group.edges.length; from += AT_ONCE) {
        context.beginPath();
        for (const i of group.edges.slice(from, from + AT_ONCE)) trace(context, curves, i);
        context.stroke();
      }
    }
  }
  context.setLineDash([]);
  context.globalAlpha = 1;
}

/** A few edges that must be seen whatever else is there: a halo of paper, then the full colour. */
export function paintMarked(
  context: CanvasRenderingContext2D,
  { edges, curves, strength }: Drawable,
  marked: readonly number[],
  palette: Palette,
  colourBy: ColourBy,
): void {
  context.lineCap = 'round';
  for (const i of marked) {
    const { colour, dash } = strokeOf(edges, i, palette, colourBy);
    const width = Math.max(1.5, lineWidth(strength[i]!));
    for (const [style, extra] of [
      [palette.paper, 3],
      [colour, 0],
    ] as const) {
      context.strokeStyle = style;
      context.lineWidth = width + extra;
      context.setLineDash(extra ? [] : dash);
      context.beginPath();
      trace(context, curves, i);
      context.stroke();
    }
  }
  context.setLineDash([]);
}

const trace = (context: CanvasRenderingContext2D, c: Float32Array, i: number): void => {
  const o = i * 8;
  context.moveTo(c[o]!, c[o + 1]!);
  context.bezierCurveTo(c[o + 2]!, c[o + 3]!, c[o + 4]!, c[o + 5]!, c[o + 6]!, c[o + 7]!);
};

function strokeOf(
  { score, change }: CircuitEdges,
  i: number,
  palette: Palette,
  colourBy: ColourBy,
): { colour: string; dash: number[] } {
  if (colourBy === 'sign') return { colour: score[i]! < 0 ? palette.negative : palette.positive, dash: [] };
  const what = change?.[i];
  if (what === LEFT) return { colour: palette.left, dash: [7, 4] };
  if (what === GREW) return { colour: palette.grew, dash: [14, 3] };
  if (what === SHRANK) return { colour: palette.shrank, dash: [2, 5] };
  return { colour: what === ENTERED ? palette.entered : palette.kept, dash: [] };
}

/** All nodes; those without an edge in the circuit are faint. `chosen` gets a ring. */
export function paintNodes(
  context: CanvasRenderingContext2D,
  layout: CircuitLayout,
  isInside: (node: number) => boolean,
  palette: Palette,
  only?: ReadonlySet<number>,
  chosen?: number,
): void {
  context.textAlign = 'center';
  context.textBaseline = 'middle';
  context.font = '9.5px system-ui, sans-serif';
  for (const [i, node] of layout.nodes.entries()) {
    if (only && !only.has(i)) continue;
    const { kind, x, y, rx, ry } = node;
    const inside = isInside(i);
    context.beginPath();
    if (kind === 'head') context.arc(x, y, rx, 0, 2 * Math.PI);
    else context.roundRect(x - rx, y - ry, 2 * rx, 2 * ry, 4);
    context.fillStyle = inside ? palette.raised : palette.paper;
    context.fill();
    context.lineWidth = i === chosen ? 2.5 : 1.2;
    context.strokeStyle = i === chosen ? palette.accent : inside ? palette.ink : palette.faint;
    context.stroke();
    context.fillStyle = inside ? palette.ink : palette.muted;
    const text = nodeText(node);
    if (text) context.fillText(text, x, y + 0.5);
  }
}

/** Names of the layers, and bars under heads that share keys and values. */
export function paintFurniture(
  context: CanvasRenderingContext2D,
  { labels, shared }: CircuitLayout,
  palette: Palette,
): void {
  context.textAlign = 'left';
  context.textBaseline = 'middle';
  context.font = '11px system-ui, sans-serif';
  context.fillStyle = palette.muted;
  for (const { text, y } of labels) context.fillText(text, 6, y);
  context.strokeStyle = palette.muted;
  context.lineWidth = 2;
  for (const { x, y, width } of shared) {
    context.beginPath();
    context.moveTo(x - width / 2, y);
    context.lineTo(x + width / 2, y);
    context.stroke();
  }
}
