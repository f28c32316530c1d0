/** Edges of the circuit picture as strokes on a 2D canvas. */
import { ENTERED, GREW, KEPT, LEFT, SHRANK } from './compare.js';
import { lineWidth, opacity } from './circuitSvg.js';
import type { Palette } from './theme.js';

export type ColourBy = 'sign' | 'change';

/** Edges ready to be drawn, in columns: their curves, strengths, and the strokes from the weakest to the strongest. */
export interface Drawable {
  readonly edges: { readonly score: ArrayLike<number>; readonly change: ArrayLike<number> };
  readonly curves: Float32Array;
  readonly strength: Float32Array;
  readonly order: Uint32Array;
  /** So many of the strongest have widths and dashes; the others are hairlines. */
  readonly bold: number;
}

export interface Style {
  readonly palette: Palette;
  readonly colourBy: ColourBy;
  /** How much larger the picture is than whole; lines and letters grow less. */
  readonly zoom: number;
}

/** Strokes of one width and colour are one path: a thousand edges are a dozen calls. */
const LEVELS = 10;
/** A path of more curves than this is slower than several: the rasterizer sorts all its edges at once. */
const AT_ONCE = 64;
export function paintEdges(context: CanvasRenderingContext2D, drawable: Drawable, style: Style): void {
  const { change } = drawable.edges;
  // thousands of strong lines would be one blot
  const crowd = (order: Uint32Array): number => Math.min(1, (400 / Math.max(1, order.length)) ** 0.35);
  const bold = new Set(drawable.order.subarray(drawable.order.length - drawable.bold));
  const layer = (order: Uint32Array, weight: number): void => {
    const fine = order.length - order.filter((i) => bold.has(i)).length;
    const by = { ...style, weight, crowd: crowd(order) };
    paintLayer(context, drawable, order.subarray(0, fine), { ...by, isFine: true });
    paintLayer(context, drawable, order.subarray(fine), { ...by, isFine: false });
  };
  if (style.colourBy === 'sign') return layer(drawable.order, 1);
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

interface LayerStyle extends Style {
  /** Above 1 comes forward, below steps back. */
  readonly weight: number;
  readonly crowd: number;
  readonly isFine: boolean;
}

function paintLayer(
  context: CanvasRenderingContext2D,
  { edges, curves, strength }: Drawable,
  order: Uint32Array,
  { palette, colourBy, weight, crowd, zoom, isFine }: LayerStyle,
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
      // a hairline is one of device pixels
      context.lineWidth = isFine
        ? 1 / context.getTransform().a
        : (lineWidth(middle) * Math.max(1, weight)) / thin(zoom);
      context.setLineDash(isFine ? [] : dashed(group.dash, zoom, context.lineWidth));
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

/** Lines grow with the square root of the picture, so that what lies close comes apart. */
export const thin = (zoom: number): number => Math.sqrt(zoom);
/** Round ends reach into the gaps: those of wide lines are wider. */
export const dashed = (dash: readonly number[], zoom: number, width: number): number[] =>
  dash.map((length, i) => length / thin(zoom) + (i % 2 === 1 ? width : 0));

/** Of more than this the rest are hairlines: a hub has thousands of edges. */
const MOST_MARKED = 150;
const MOST_HAIRLINES = 1500;

/** Edges that must be seen whatever else is there, the strongest first: a halo of paper, then the full colour. */
export function paintMarked(
  context: CanvasRenderingContext2D,
  { edges, curves, strength }: Drawable,
  marked: Uint32Array,
  { palette, colourBy, zoom }: Style,
): void {
  context.lineCap = 'round';
  context.lineWidth = 0.8 / zoom;
  context.globalAlpha = 0.5;
  for (const i of marked.subarray(MOST_MARKED, MOST_HAIRLINES).reverse()) {
    context.strokeStyle = strokeOf(edges, i, palette, colourBy).colour;
    context.beginPath();
    trace(context, curves, i);
    context.stroke();
  }
  context.globalAlpha = 1;
  for (const i of marked.slice(0, MOST_MARKED).reverse()) {
    const { colour, dash } = strokeOf(edges, i, palette, colourBy);
    const width = Math.max(1.5, lineWidth(strength[i]!)) / thin(zoom);
    for (const [style, extra] of [
      [palette.paper, 3 / thin(zoom)],
      [colour, 0],
    ] as const) {
      context.strokeStyle = style;
      context.lineWidth = width + extra;
      context.setLineDash(extra ? [] : dashed(dash, zoom, width));
      context.beginPath();
      trace(context, curves, i);
      context.stroke();
    }
  }
  context.setLineDash([]);
}

/** Edges that are switched off: dotted, with a cross in the middle. */
export function paintOff(
  context: CanvasRenderingContext2D,
  { curves }: Drawable,
  off: Uint32Array,
  { palette, zoom }: Style,
): void {
  if (off.length === 0) return;
  context.lineCap = 'butt';
  context.strokeStyle = palette.muted;
  context.lineWidth = 1.2 / thin(zoom);
  context.setLineDash(dashed([1.5, 3.5], zoom, 0));
  for (const i of off) {
    context.beginPath();
    trace(context, curves, i);
    context.stroke();
  }
  context.setLineDash([]);
  const arm = 3.5 / thin(zoom);
  for (const i of off) {
    const middle = (axis: number): number => {
      const o = i * 8 + axis;
      return (curves[o]! + 3 * curves[o + 2]! + 3 * curves[o + 4]! + curves[o + 6]!) / 8;
    };
    cross(context, middle(0), middle(1), arm);
  }
}

export function cross(context: CanvasRenderingContext2D, x: number, y: number, arm: number): void {
  context.beginPath();
  context.moveTo(x - arm, y - arm);
  context.lineTo(x + arm, y + arm);
  context.moveTo(x - arm, y + arm);
  context.lineTo(x + arm, y - arm);
  context.stroke();
}

const trace = (context: CanvasRenderingContext2D, c: Float32Array, i: number): void => {
  const o = i * 8;
  context.moveTo(c[o]!, c[o + 1]!);
  context.bezierCurveTo(c[o + 2]!, c[o + 3]!, c[o + 4]!, c[o + 5]!, c[o + 6]!, c[o + 7]!);
};

function strokeOf(
  { score, change }: Drawable['edges'],
  i: number,
  palette: Palette,
  colourBy: ColourBy,
): { colour: string; dash: number[] } {
  if (colourBy === 'sign') return { colour: score[i]! < 0 ? palette.negative : palette.positive, dash: [] };
  const what = change[i];
  if (what === LEFT) return { colour: palette.left, dash: [7, 4] };
  if (what === GREW) return { colour: palette.grew, dash: [14, 3] };
  if (what === SHRANK) return { colour: palette.shrank, dash: [2, 5] };
  return { colour: what === ENTERED ? palette.entered : palette.kept, dash: [] };
}
