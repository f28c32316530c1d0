/** A circuit as one SVG file, without a DOM: for a README, or a reader without scripts. */
import type { GraphJson } from '@circuit-tuning/core';
import { circuitSet, edgesOfCircuit, type CircuitSet } from './circuitData.js';
import { edgeCurves, layoutCircuit, strengths, weakestFirst, type CircuitLayout, type PlacedNode } from './layout.js';
import { escapeHtml } from './table.js';
import { dark, light, type Palette } from './theme.js';

export interface SvgOptions {
  /** Edges drawn: the strongest of the circuit. All unless told. */
  readonly top?: number;
  /** Default 760. */
  readonly width?: number;
  /** Stands above the picture. */
  readonly title?: string;
  /** `auto` follows the reader's system. */
  readonly theme?: 'auto' | 'light' | 'dark';
}

/** The circuit of a graph JSON: its edges with `in_graph`. */
export const circuitSvg = (graph: GraphJson, options?: SvgOptions): string =>
  setSvg(circuitSet([{ key: '', graph }]), 0, options);

/** One circuit of a set. */
export function setSvg(
  set: CircuitSet,
  circuit: number,
  { top, width = 760, title, theme = 'auto' }: SvgOptions = {},
): string {
  const { nodes } = set;
  const edges = edgesOfCircuit(set, circuit, top);
  const layout = layoutCircuit(nodes, width);
  const strength = strengths(edges);
  const curves = edgeCurves(layout, edges);
  const paths = Array.from(weakestFirst(strength), (i) => {
    const [x1, y1, x2, y2, x3, y3, x4, y4] = Array.from(curves.subarray(i * 8, i * 8 + 8), (value) =>
      Number(value.toFixed(1)),
    );
    const s = strength[i]!;
    const name = `${nodes.sources[edges.from[i]!]} → ${nodes.reads[edges.to[i]!]}: ${edges.score[i]!.toPrecision(3)}`;
    const style = `stroke-width="${lineWidth(s).toFixed(2)}" stroke-opacity="${opacity(s).toFixed(2)}"`;
    const sign = edges.score[i]! < 0 ? 'n' : 'p';
    return `<path class="${sign}" d="M${x1} ${y1}C${x2} ${y2} ${x3} ${y3} ${x4} ${y4}" ${style}><title>${escapeHtml(name)}</title></path>`;
  });
  const touched = new Set<number>();
  for (let i = 0; i < edges.from.length; i++) {
    touched.add(layout.out[edges.from[i]!]!.node);
    for (const reader of layout.into[edges.to[i]!]!.nodes) touched.add(reader);
  }
  const head = title ? 34 : 8;
  const foot = 30;
  const all = layout.height + head + foot;
  const label = title ?? `Circuit of ${edges.from.length} edges`;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${round(layout.width)} ${round(all)}" width="${round(layout.width)}" height="${round(all)}" role="img" aria-label="${escapeHtml(label)}">
<style>${css(theme)}</style>
<rect class="paper" width="100%" height="100%"/>
${title ? `<text class="title" x="14" y="22">${escapeHtml(title)}</text>` : ''}
<g transform="translate(0 ${head})"><g class="edges">${paths.join('')}</g>
${furniture(layout)}${layout.nodes.map((node, i) => drawNode(node, touched.has(i))).join('')}</g>
<g transform="translate(14 ${round(all - 12)})">${legend()}</g>
</svg>
`;
}

export const lineWidth = (strength: number): number => 0.5 + 4 * strength;
export const opacity = (strength: number): number => 0.16 + 0.74 * strength;

const round = (value: number): number => Math.round(value);

const rules = ({ paper, ink, muted, faint, positive, negative, raised }: Palette): string =>
  `.paper{fill:${paper}}.edges path{fill:none;stroke-linecap:round}.p{stroke:${positive}}.n{stroke:${negative}}` +
  `text{fill:${ink};font:11px system-ui,sans-serif}.title{font-size:15px;font-weight:600}.label{fill:${muted}}` +
  `.node{fill:${raised};stroke:${ink};stroke-width:1.2}.off{fill:${paper};stroke:${faint}}.off+text{fill:${muted}}.bar{stroke:${muted};stroke-width:2}` +
  `.in{text-anchor:middle;dominant-baseline:central;font-size:9.5px}`;

const css = (theme: SvgOptions['theme']): string =>
  theme === 'dark'
    ? rules(dark)
    : theme === 'light'
      ? rules(light)
      : `${rules(light)}@media(prefers-color-scheme:dark){${rules(dark)}}`;

const furniture = ({ labels, shared }: CircuitLayout): string =>
  labels.map(({ text, y }) => `<text class="label" x="14" y="${round(y + 4)}">${text}</text>`).join('') +
  shared
    .map(({ x, y, width }) => `<path class="bar" d="M${round(x - width / 2)} ${round(y)}h${round(width)}"/>`)
    .join('');

function drawNode({ name, kind, index, x, y, rx, ry }: PlacedNode, isInside: boolean): string {
  const style = isInside ? 'node' : 'node off';
  const text = nodeText({ name, kind, index, rx });
  const shape =
    kind === 'head'
      ? `<circle class="${style}" cx="${x.toFixed(1)}" cy="${y.toFixed(1)}" r="${rx.toFixed(1)}"/>`
      : `<rect class="${style}" x="${(x - rx).toFixed(1)}" y="${(y - ry).toFixed(1)}" width="${(2 * rx).toFixed(1)}" height="${(2 * ry).toFixed(1)}" rx="4"/>`;
  return `<g><title>${name}</title>${shape}${text ? `<text class="in" x="${x.toFixed(1)}" y="${y.toFixed(1)}">${text}</text>` : ''}</g>`;
}

/** What is written in a node: the head's number, or what it is; nothing where it would not fit. */
export function nodeText({ name, kind, index, rx }: Pick<PlacedNode, 'name' | 'kind' | 'index' | 'rx'>): string {
  if (kind === 'head') return rx >= 7 ? String(index) : '';
  if (kind === 'mlp' && name.includes('.b')) return rx >= 7 ? String(index) : '';
  return rx >= 17 ? (kind === 'mlp' ? 'MLP' : kind) : '';
}

const legend = (): string => {
  const sample = (x: number, sign: 'p' | 'n', text: string): string =>
    `<g class="edges"><path class="${sign}" d="M${x} -4h26" stroke-width="3"/></g><text x="${x + 32}">${text}</text>`;
  return (
    sample(0, 'p', 'raises the metric') +
    sample(140, 'n', 'lowers it') +
    `<text class="label" x="226">thicker: stronger</text>`
  );
};
