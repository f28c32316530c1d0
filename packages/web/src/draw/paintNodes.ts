/** Nodes of the circuit picture, and what stands beside them, on a 2D canvas. */
import { nodeText } from './circuitSvg.js';
import type { Placing } from './density.js';
import type { CircuitLayout } from './layout.js';
import { cross, dashed, thin, type Style } from './paint.js';

/** All nodes; those without an edge in the circuit are faint. Those of `chosen` get a ring. */
export function paintNodes(
  context: CanvasRenderingContext2D,
  layout: CircuitLayout,
  isInside: (node: number) => boolean,
  { palette, zoom }: Style,
  only?: ReadonlySet<number>,
  chosen?: ReadonlySet<number>,
): void {
  context.textAlign = 'center';
  context.textBaseline = 'middle';
  // letters grow with their nodes, up to what reads well
  context.font = `${Math.min(9.5, 15 / zoom)}px system-ui, sans-serif`;
  for (const [i, node] of layout.nodes.entries()) {
    if (only && !only.has(i)) continue;
    const { x, y } = node;
    const inside = isInside(i);
    outline(context, node, 0);
    context.fillStyle = inside ? palette.raised : palette.paper;
    context.fill();
    context.lineWidth = (chosen?.has(i) ? 2.5 : 1.2) / thin(zoom);
    context.strokeStyle = chosen?.has(i) ? palette.accent : inside ? palette.ink : palette.faint;
    context.stroke();
    context.fillStyle = inside ? palette.ink : palette.muted;
    const text = nodeText({ ...node, rx: node.rx * zoom });
    if (text) context.fillText(text, x, y + 0.5);
  }
}

/** Around nodes that were searched for a ring, across those that are switched off a cross. */
export function paintRings(
  context: CanvasRenderingContext2D,
  layout: CircuitLayout,
  is: { off: (name: string) => boolean; found: (name: string) => boolean },
  { palette, zoom }: Style,
): void {
  for (const node of layout.nodes) {
    if (is.found(node.name)) {
      context.strokeStyle = palette.accent;
      context.lineWidth = 2.5 / thin(zoom);
      outline(context, node, 3.5 / thin(zoom));
      context.stroke();
    }
    if (!is.off(node.name)) continue;
    outline(context, node, 0);
    context.fillStyle = palette.paper;
    context.fill();
    context.strokeStyle = palette.muted;
    context.lineWidth = 1.4 / thin(zoom);
    context.setLineDash(dashed([2, 2], zoom, 0));
    context.stroke();
    context.setLineDash([]);
    cross(context, node.x, node.y, Math.min(node.rx, node.ry) * 0.7);
  }
}

function outline(
  context: CanvasRenderingContext2D,
  { kind, x, y, rx, ry }: CircuitLayout['nodes'][number],
  around: number,
): void {
  context.beginPath();
  if (kind === 'head') context.arc(x, y, rx + around, 0, 2 * Math.PI);
  else
    context.roundRect(x - rx - around, y - ry - around, 2 * (rx + around), 2 * (ry + around), Math.min(4, ry) + around);
}

/** Bars under heads that share keys and values. */
export function paintShared(
  context: CanvasRenderingContext2D,
  { shared }: CircuitLayout,
  { palette, zoom }: Style,
): void {
  context.strokeStyle = palette.muted;
  context.lineWidth = 2 / thin(zoom);
  for (const { x, y, width } of shared) {
    context.beginPath();
    context.moveTo(x - width / 2, y);
    context.lineTo(x + width / 2, y);
    context.stroke();
  }
}

/** Names of the layers, at the left whatever part is in sight. */
export function paintLabels(
  context: CanvasRenderingContext2D,
  { labels }: CircuitLayout,
  { palette, zoom }: Style,
  sight: Placing,
): void {
  context.textAlign = 'left';
  context.textBaseline = 'middle';
  context.font = `${11 / zoom}px system-ui, sans-serif`;
  let last = Infinity;
  for (const { text, y } of labels) {
    // upwards; of many layers not all have room for their name
    if (last - y < 13 / zoom) continue;
    last = y;
    const x = (6 - sight.x) / zoom;
    if (zoom > 1) {
      // edges run here too
      context.fillStyle = palette.paper;
      context.globalAlpha = 0.8;
      context.beginPath();
      context.roundRect(x - 4 / zoom, y - 9 / zoom, 30 / zoom, 18 / zoom, 4 / zoom);
      context.fill();
      context.globalAlpha = 1;
    }
    context.fillStyle = palette.muted;
    context.fillText(text, x, y);
  }
}
