/**
 * The picture of a circuit in a page: canvases on top of each other. At the bottom the density of edges that are too many
 * to be strokes, then strokes and nodes, and above what is pointed at, so that pointing repaints a handful of lines and not
 * thousands. Pointer, touch and keyboard reach every node and edge.
 */
import { chosenIn, edgeName, nextEdge, nextNode, type Drawn } from './chosen.js';
import type { CircuitEdges, CircuitNodes } from './circuitData.js';
import type { CircuitOptions, CircuitView, Selection } from './circuitOptions.js';
import { h, watchSize } from './dom.js';
import { EdgeTable } from './edgeTable.js';
import { gestures } from './gestures.js';
import { foldLayers, layerOf, type Folded } from './group.js';
import { colourOf, Haze } from './haze.js';
import { edgeUnder, nodeUnder } from './hit.js';
import { layoutCircuit } from './layout.js';
import { paintEdges, paintMarked, paintOff } from './paint.js';
import { paintLabels, paintNodes, paintRings, paintShared } from './paintNodes.js';
import { sceneOf } from './scene.js';
import { bounded, inLayout, WHOLE, withInSight, zoomed } from './sight.js';
import { watchTheme, type Theme } from './watchTheme.js';

export type { CircuitLook, CircuitOptions, CircuitView, Selection } from './circuitOptions.js';

/** One press of + or −. */
const STEP = 1.5;

export function circuitView(nodes: CircuitNodes, firstEdges: CircuitEdges, firstOptions: CircuitOptions): CircuitView {
  let edges = firstEdges;
  let options = firstOptions;
  let theme: Theme;
  let size = { width: 0, height: 0 };
  let folded: Folded | undefined;
  let drawn: Drawn | undefined;
  let sight = WHOLE;
  let marked: Selection | undefined;
  let searched = '';
  /** The node whose edges E steps through. */
  let anchor: string | undefined;
  const due = { haze: false, above: false, all: false };
  let frame = 0;
  let pointed = 0;
  const isBox = options.fit === 'box';

  const haze = new Haze(h('canvas', { class: 'haze' }));
  const strokes = h('canvas', { class: 'strokes' });
  const still = h('canvas');
  const above = h('canvas', { class: 'above', 'aria-hidden': 'true' });
  const below = h('div', { class: 'below', 'aria-hidden': 'true' }, strokes, still);
  const stage = h('div', { class: 'stage', tabindex: 0, role: 'application' }, below, above);
  const element = h('div', { class: isBox ? 'circuit boxed' : 'circuit' }, stage);

  const shownNodes = (): CircuitNodes => folded?.nodes ?? nodes;
  /** Nodes in their places; edges have none yet. */
  const arrange = (): void => {
    if (size.width === 0) return;
    folded = options.group === 'layers' ? (folded ?? foldLayers(nodes)) : undefined;
    const layout = layoutCircuit(shownNodes(), size.width, isBox ? size.height : undefined);
    const table = new EdgeTable(shownNodes().reads.length);
    drawn = { nodes: shownNodes(), layout, table, scene: sceneOf(table, layout, shownNodes(), {}) };
    stage.style.width = `${layout.width}px`;
    stage.style.height = `${layout.height}px`;
    sight = bounded(sight, layout);
    fill(true);
  };
  /** The edges in their places. */
  const fill = (isNew = false): void => {
    if (!drawn) return;
    const { layout, table } = drawn;
    const seen = table.count;
    const hasMore = table.set(folded ? folded.fold(edges) : edges);
    if (hasMore) table.trace(layout, seen);
    drawn = { ...drawn, scene: sceneOf(table, layout, drawn.nodes, options) };
    const { scene } = drawn;
    if (scene.fine.length === 0) haze.clear();
    else {
      if (haze.canvas.parentNode !== below) below.prepend(haze.canvas);
      const curves = table.curves.subarray(0, table.count * 8);
      if (isNew || !haze.has(layers())) haze.place(curves, layout, sight, layers());
      else if (hasMore) haze.extend(curves);
      haze.want(scene.looks);
    }
    stage.setAttribute(
      'aria-label',
      `${options.label}: ${scene.count} edges between ${scene.nodesInside} nodes. Arrow keys move between nodes, Enter pins one, E steps through its edges, Escape lets go, plus and minus zoom, 0 shows all.`,
    );
    later('all');
  };
  const layers = (): number => (options.colourBy === 'change' ? 5 : 2);
  const colours = () => {
    const { positive, negative, kept, left, entered, grew, shrank } = theme.palette;
    return (options.colourBy === 'change' ? [kept, left, entered, grew, shrank] : [positive, negative]).map(colourOf);
  };

  const context = (canvas: HTMLCanvasElement): CanvasRenderingContext2D => {
    const scale = devicePixelRatio || 1;
    const { width, height } = drawn!.layout;
    const [across, down] = [Math.round(width * scale), Math.round(height * scale)];
    const context = canvas.getContext('2d')!;
    if (canvas.width !== across || canvas.height !== down) {
      canvas.width = across;
      canvas.height = down;
      canvas.style.width = `${width}px`;
      canvas.style.height = `${height}px`;
    }
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.clearRect(0, 0, across, down);
    context.setTransform(scale * sight.scale, 0, 0, scale * sight.scale, scale * sight.x, scale * sight.y);
    return context;
  };
  const style = () => ({ palette: theme.palette, colourBy: options.colourBy ?? 'sign', zoom: sight.scale });
  const paint = (): void => {
    if (!drawn) return;
    const { layout, scene } = drawn;
    const target = context(strokes);
    paintShared(target, layout, style());
    paintEdges(target, scene, style());
    paintOff(target, scene, scene.off, style());
    paintStill();
    paintAbove();
  };
  /** Nodes and names, where they are not as they were painted last: letters take as long as a hundred strokes. */
  let painted: unknown[] = [];
  const paintStill = (): void => {
    const { layout, scene } = drawn!;
    const now = [layout, sight, theme, searched, String(options.off), String(scene.inside), devicePixelRatio];
    if (now.every((part, i) => part === painted[i])) return;
    painted = now;
    const target = context(still);
    paintNodes(target, layout, (node) => scene.inside[node] === 1, style());
    paintRings(target, layout, rings(), style());
    paintLabels(target, layout, style(), sight);
  };
  let isAboveEmpty = false;
  const paintAbove = (): void => {
    if (!drawn) return;
    const { layout, scene } = drawn;
    const chosen = marked && chosenIn(drawn, marked);
    below.style.opacity = chosen ? '0.28' : '1';
    if (!chosen && isAboveEmpty) return;
    const target = context(above);
    isAboveEmpty = !chosen;
    if (!chosen) return;
    paintMarked(target, scene, chosen.edges, style());
    paintNodes(target, layout, (node) => scene.inside[node] === 1, style(), chosen.nodes, chosen.ringed);
  };
  const rings = () => {
    const off = new Set((options.off ?? []).map((name) => (folded ? layerOf(name) : name)));
    const found = searched.toLowerCase();
    return {
      off: (name: string) => off.has(name),
      found: (name: string) => found !== '' && name.toLowerCase().includes(found),
    };
  };
  /** Whatever happened since the last frame is painted once. */
  const later = (what: keyof typeof due): void => {
    due[what] = true;
    if (frame) return;
    frame = requestAnimationFrame(() => {
      frame = 0;
      const now = { ...due };
      due.haze = due.above = due.all = false;
      if (now.all) paint();
      else if (now.above) paintAbove();
      if ((now.all || now.haze) && drawn && drawn.scene.fine.length > 0 && !haze.work(colours())) later('haze');
    });
  };
  const look = (next: typeof sight): void => {
    if (!drawn || (next.scale === sight.scale && next.x === sight.x && next.y === sight.y)) return;
    const isResized = next.scale !== sight.scale;
    sight = next;
    stage.classList.toggle('zoomed', sight.scale > 1);
    const { table, layout, scene } = drawn;
    if (scene.fine.length > 0) {
      haze.place(table.curves.subarray(0, table.count * 8), layout, sight, layers());
      haze.want(scene.looks);
    }
    later('all');
    if (isResized) options.onZoom?.(sight.scale);
  };
  const zoomAt = (factor: number, at?: { x: number; y: number }): void => {
    if (!drawn) return;
    const { width, height } = drawn.layout;
    look(zoomed(sight, factor, at ?? { x: width / 2, y: height / 2 }, drawn.layout));
  };

  const pointAt = (find: () => Selection | undefined): void => {
    cancelAnimationFrame(pointed);
    pointed = requestAnimationFrame(() => options.onPoint?.(find()));
  };
  const at = (event: MouseEvent): Selection | undefined => {
    if (!drawn) return undefined;
    const { layout, table, scene } = drawn;
    const { left, top } = stage.getBoundingClientRect();
    const { x, y } = inLayout(sight, { x: event.clientX - left, y: event.clientY - top });
    const node = nodeUnder(layout, x, y, 3 / sight.scale);
    if (node !== undefined) return { node: layout.nodes[node]!.name };
    // strokes are what one sees: the density is asked only where none is
    const edge =
      edgeUnder(table.curves, scene.order, x, y, 6 / sight.scale) ??
      edgeUnder(table.curves, scene.fine, x, y, 3 / sight.scale);
    return edge === undefined ? undefined : edgeName(drawn, edge);
  };
  const hands = gestures(stage, {
    now: () => sight,
    zoom: zoomAt,
    pan(dx, dy) {
      if (drawn) look(bounded({ ...sight, x: sight.x + dx, y: sight.y + dy }, drawn.layout));
    },
  });
  stage.addEventListener('pointermove', (event) => {
    if (event.buttons === 0) pointAt(() => at(event));
  });
  stage.addEventListener('pointerleave', () => pointAt(() => undefined));
  stage.addEventListener('click', (event) => {
    if (!hands.wasDrag()) options.onPick?.(at(event));
  });
  stage.addEventListener('keydown', (event) => {
    const { key, ctrlKey, metaKey, altKey } = event;
    if (!drawn || ctrlKey || metaKey || altKey) return;
    if (key === 'Escape') options.onPick?.(undefined);
    else if (key === 'Enter' || key === ' ') options.onPick?.(marked);
    else if (key === '+' || key === '=') zoomAt(STEP);
    else if (key === '-' || key === '−') zoomAt(1 / STEP);
    else if (key === '0') look(WHOLE);
    else {
      const next = key === 'e' || key === 'E' ? nextEdge(drawn, marked, anchor) : nextNode(drawn.layout, marked, key);
      if (!next) return;
      if ('node' in next) show(next.node);
      options.onPoint?.(next);
    }
    event.preventDefault();
  });
  /** Moves the picture so that a node is in sight, if it is not. */
  const show = (name: string): void => {
    const node = drawn?.layout.nodes[drawn.layout.nodeAt.get(name) ?? -1];
    if (node && drawn) look(withInSight(sight, node, drawn.layout));
  };

  const unwatchTheme = watchTheme((now) => {
    theme = now;
    later('all');
  });
  const unwatchSize = watchSize(element, isBox, (now) => {
    size = now;
    arrange();
  });
  return {
    element,
    setEdges(next) {
      edges = next;
      fill();
    },
    setOptions(next) {
      const wasGroup = options.group ?? 'none';
      options = { ...options, ...next };
      if ((options.group ?? 'none') === wasGroup) fill();
      else {
        sight = WHOLE;
        arrange();
        options.onZoom?.(1);
      }
    },
    mark(selection) {
      marked = selection;
      if (!selection || 'node' in selection) anchor = selection?.node;
      later('above');
    },
    find(text) {
      searched = text.trim();
      const names = drawn?.layout.nodes.map(({ name }) => name).filter(rings().found) ?? [];
      if (names[0] !== undefined) show(names[0]);
      later('all');
      return names;
    },
    zoom: (factor) => zoomAt(factor),
    reset: () => look(WHOLE),
    destroy() {
      cancelAnimationFrame(frame);
      cancelAnimationFrame(pointed);
      hands.end();
      unwatchTheme();
      unwatchSize();
      element.remove();
    },
  };
}
