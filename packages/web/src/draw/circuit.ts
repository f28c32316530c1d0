/**
 * The picture of a circuit in a page: two canvases on top of each other, the circuit below and what is pointed at above,
 * so that pointing repaints a handful of lines and not thousands. Pointer, touch and keyboard reach every node and edge.
 */
import type { CircuitEdges, CircuitNodes } from './circuitData.js';
import { h, watchWidth } from './dom.js';
import type { Grouping } from './group.js';
import { edgeUnder, nodeUnder } from './hit.js';
import { edgeCurves, layoutCircuit, strengths, weakestFirst, type CircuitLayout } from './layout.js';
import { paintEdges, paintFurniture, paintMarked, paintNodes, type ColourBy, type Drawable } from './paint.js';
import { watchTheme, type Theme } from './watchTheme.js';

/** A node by its name, or an edge by the names of its source and read. */
export type Selection = { readonly node: string } | { readonly from: string; readonly to: string };

export interface CircuitLook {
  /** What the picture shows, for a reader who cannot see it. */
  readonly label: string;
  /** Only so many of the strongest edges; all unless told. */
  readonly top?: number | undefined;
  /** Only edges whose |score| is at least this share of the greatest, in [0, 1]; default 0. */
  readonly least?: number;
  /** `change` needs edges that `compared` or `changes` made. Default `sign`. */
  readonly colourBy?: ColourBy;
  /** |score| that gets the widest line; the greatest of these edges unless told. The same for two pictures makes them comparable. */
  readonly greatest?: number | undefined;
  /**
   * `layers`: one node for all heads of a layer (`a3`) and one for all blocks of an MLP (`m3`), edges between the same two
   * summed: |score| added, the sign of the sum. Default `none`.
   */
  readonly group?: Grouping;
  /** Node names, and edges as `a0.h1->m1`, that the reader switched off: they are drawn crossed out. */
  readonly off?: readonly string[];
}

export interface CircuitOptions extends CircuitLook {
  /**
   * `width`: as wide as its place and as high as it comes out. `box`: fills the height of its place too, which the page
   * must give by a style sheet. Default `width`.
   */
  readonly fit?: 'width' | 'box';
  /** What the pointer or the arrow keys are on; undefined when they leave. */
  readonly onPoint?: (selection: Selection | undefined) => void;
  /** What was clicked, or chosen with Enter; undefined where there is nothing, or on Escape. */
  readonly onPick?: (selection: Selection | undefined) => void;
  /** Told after each change of size; 1 shows the whole circuit. */
  readonly onZoom?: (scale: number) => void;
}

export interface CircuitView {
  readonly element: HTMLElement;
  /** Other edges of the same nodes: another search, another method. */
  setEdges(edges: CircuitEdges): void;
  /** Changes what is given, and leaves the rest. */
  setOptions(options: Partial<CircuitLook>): void;
  /** Shows a node with its edges, or an edge, above a faded picture. */
  mark(selection: Selection | undefined): void;
  /** Rings the nodes whose name holds `text`, and gives their names; no text, no rings. The first is brought into sight. */
  find(text: string): readonly string[];
  /** Larger by a factor above 1, smaller below, around the middle; never smaller than the whole circuit. */
  zoom(factor: number): void;
  /** The whole circuit again. */
  reset(): void;
  destroy(): void;
}

export function circuitView(nodes: CircuitNodes, firstEdges: CircuitEdges, firstOptions: CircuitOptions): CircuitView {
  let edges = firstEdges;
  let options = firstOptions;
  let theme: Theme;
  let layout: CircuitLayout | undefined;
  let drawable: Drawable;
  let inside = new Set<number>();
  let marked: Selection | undefined;
  /** The node whose edges E steps through. */
  let anchor: string | undefined;
  let due: 'above' | 'all' | undefined;
  let frame = 0;
  let pointed = 0;

  const base = h('canvas', { 'aria-hidden': 'true' });
  const above = h('canvas', { 'aria-hidden': 'true', class: 'above' });
  const stage = h('div', { class: 'stage', tabindex: 0, role: 'application' }, base, above);
  const element = h('div', { class: 'circuit' }, stage);

  const prepare = (): void => {
    if (!layout) return;
    const all = weakestFirst(strengths(edges));
    const order = all.subarray(Math.max(0, all.length - (options.top ?? Infinity)));
    drawable = { edges, curves: edgeCurves(layout, edges), strength: strengths(edges, options.greatest), order };
    inside = new Set(
      Array.from(order, (i) => [layout!.out[edges.from[i]!]!.node, ...layout!.into[edges.to[i]!]!.nodes]).flat(),
    );
    stage.setAttribute(
      'aria-label',
      `${options.label}: ${order.length} edges between ${inside.size} nodes. Arrow keys move between nodes, Enter pins one, E steps through its edges, Escape lets go.`,
    );
  };
  const context = (canvas: HTMLCanvasElement): CanvasRenderingContext2D => {
    const scale = devicePixelRatio || 1;
    const { width, height } = layout!;
    if (canvas.width !== Math.round(width * scale) || canvas.height !== Math.round(height * scale)) {
      canvas.width = Math.round(width * scale);
      canvas.height = Math.round(height * scale);
      canvas.style.width = `${width}px`;
      canvas.style.height = `${height}px`;
    }
    const context = canvas.getContext('2d')!;
    context.setTransform(scale, 0, 0, scale, 0, 0);
    context.clearRect(0, 0, width, height);
    return context;
  };
  const paint = (): void => {
    if (!layout) return;
    const target = context(base);
    paintFurniture(target, layout, theme.palette);
    paintEdges(target, drawable, theme.palette, options.colourBy ?? 'sign');
    paintNodes(target, layout, (node) => inside.has(node), theme.palette);
    paintAbove();
  };
  const paintAbove = (): void => {
    if (!layout) return;
    const target = context(above);
    const chosen = marked && edgesOf(nodes, layout, drawable, marked);
    base.style.opacity = chosen ? '0.28' : '1';
    if (!chosen) return;
    paintMarked(target, drawable, chosen.edges, theme.palette, options.colourBy ?? 'sign');
    paintNodes(target, layout, (node) => inside.has(node), theme.palette, chosen.nodes, chosen.node);
  };
  /** Whatever happened since the last frame is painted once. */
  const later = (what: 'above' | 'all'): void => {
    if (due !== 'all') due = what;
    cancelAnimationFrame(frame);
    frame = requestAnimationFrame(() => {
      if (due === 'all') paint();
      else paintAbove();
      due = undefined;
    });
  };
  const pointAt = (find: () => Selection | undefined): void => {
    cancelAnimationFrame(pointed);
    pointed = requestAnimationFrame(() => options.onPoint?.(find()));
  };

  const at = (event: MouseEvent): Selection | undefined => {
    if (!layout) return undefined;
    const { left, top } = base.getBoundingClientRect();
    const [x, y] = [event.clientX - left, event.clientY - top];
    const node = nodeUnder(layout, x, y);
    if (node !== undefined) return { node: layout.nodes[node]!.name };
    const edge = edgeUnder(drawable.curves, drawable.order, x, y);
    return edge === undefined
      ? undefined
      : { from: nodes.sources[edges.from[edge]!]!, to: nodes.reads[edges.to[edge]!]! };
  };
  stage.addEventListener('pointermove', (event) => pointAt(() => at(event)));
  stage.addEventListener('pointerleave', () => pointAt(() => undefined));
  stage.addEventListener('click', (event) => options.onPick?.(at(event)));
  stage.addEventListener('keydown', (event) => {
    const { key, ctrlKey, metaKey, altKey } = event;
    if (!layout || ctrlKey || metaKey || altKey) return;
    if (key === 'Escape') options.onPick?.(undefined);
    else if (key === 'Enter' || key === ' ') options.onPick?.(marked);
    else {
      const next =
        key === 'e' || key === 'E' ? nextEdge(nodes, layout, drawable, marked, anchor) : nextNode(layout, marked, key);
      if (!next) return;
      options.onPoint?.(next);
    }
    event.preventDefault();
  });

  const unwatchTheme = watchTheme((now) => {
    theme = now;
    later('all');
  });
  const unwatchWidth = watchWidth(element, (width) => {
    layout = layoutCircuit(nodes, width);
    prepare();
    paint();
  });
  return {
    element,
    setEdges(next) {
      edges = next;
      prepare();
      later('all');
    },
    setOptions(next) {
      options = { ...options, ...next };
      prepare();
      later('all');
    },
    mark(selection) {
      marked = selection;
      if (!selection || 'node' in selection) anchor = selection?.node;
      later('above');
    },
    find: () => [],
    zoom: () => undefined,
    reset: () => undefined,
    destroy() {
      cancelAnimationFrame(frame);
      cancelAnimationFrame(pointed);
      unwatchTheme();
      unwatchWidth();
      element.remove();
    },
  };
}

/** The edges and nodes that a selection brings forward; undefined where this picture has none of it. */
function edgesOf(nodes: CircuitNodes, layout: CircuitLayout, { edges, order }: Drawable, selection: Selection) {
  const touched = new Set<number>();
  const found: number[] = [];
  const node = 'node' in selection ? layout.nodeAt.get(selection.node) : undefined;
  for (const i of order) {
    const out = layout.out[edges.from[i]!]!.node;
    const into = layout.into[edges.to[i]!]!.nodes;
    const isIt =
      'node' in selection
        ? out === node || (node !== undefined && into.includes(node))
        : nodes.sources[edges.from[i]!] === selection.from && nodes.reads[edges.to[i]!] === selection.to;
    if (!isIt) continue;
    found.push(i);
    for (const one of [out, ...into]) touched.add(one);
  }
  if (node !== undefined) touched.add(node);
  return touched.size > 0 ? { edges: found, nodes: touched, node } : undefined;
}

/** The node an arrow key leads to: along the row, or to the nearest one in the row above or below. */
function nextNode(
  { rows, nodes, nodeAt }: CircuitLayout,
  marked: Selection | undefined,
  key: string,
): Selection | undefined {
  const step = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [1, 0], ArrowDown: [-1, 0] }[key];
  if (!step) return undefined;
  const name = marked && ('node' in marked ? marked.node : marked.from);
  const current = name === undefined ? undefined : nodeAt.get(name);
  if (current === undefined) return { node: nodes[rows[0]![0]!]!.name };
  const row = rows.findIndex((members) => members.includes(current));
  const [up, along] = step as [number, number];
  const members = rows[row + up];
  if (!members) return undefined;
  if (up === 0) {
    const next = members[members.indexOf(current) + along];
    return next === undefined ? undefined : { node: nodes[next]!.name };
  }
  const { x } = nodes[current]!;
  const nearest = members.reduce((a, b) => (Math.abs(nodes[b]!.x - x) < Math.abs(nodes[a]!.x - x) ? b : a));
  return { node: nodes[nearest]!.name };
}

/** The next weaker edge of the anchor, or of the whole circuit; after the weakest the strongest again. */
function nextEdge(
  nodes: CircuitNodes,
  layout: CircuitLayout,
  drawable: Drawable,
  marked: Selection | undefined,
  anchor: string | undefined,
): Selection | undefined {
  const { edges, order } = drawable;
  const own = anchor === undefined ? order : (edgesOf(nodes, layout, drawable, { node: anchor })?.edges ?? []);
  const named = Array.from(own, (i) => ({
    from: nodes.sources[edges.from[i]!]!,
    to: nodes.reads[edges.to[i]!]!,
  })).reverse();
  const now =
    marked && 'from' in marked ? named.findIndex(({ from, to }) => from === marked.from && to === marked.to) : -1;
  return named[(now + 1) % Math.max(1, named.length)];
}
