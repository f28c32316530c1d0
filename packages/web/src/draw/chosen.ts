/** What a selection brings forward in a picture, and which one the keyboard leads to next. */
import type { CircuitNodes } from './circuitData.js';
import type { Selection } from './circuitOptions.js';
import type { EdgeTable } from './edgeTable.js';
import { layerOf } from './group.js';
import type { CircuitLayout } from './layout.js';
import type { Scene } from './scene.js';

/** What is drawn, all that there is to choose from. */
export interface Drawn {
  readonly nodes: CircuitNodes;
  readonly layout: CircuitLayout;
  readonly table: EdgeTable;
  readonly scene: Scene;
}

export interface Chosen {
  /** Slots, the strongest first. */
  readonly edges: Uint32Array;
  readonly nodes: ReadonlySet<number>;
  /** The nodes that were chosen themselves. */
  readonly ringed: ReadonlySet<number>;
}

/** A head is found under its layer's node, and a layer's node at all of its heads. */
const isSame = (shown: string, chosen: string): boolean =>
  shown === chosen || shown === layerOf(chosen) || layerOf(shown) === chosen;

/** Undefined where this picture has none of it. */
export function chosenIn(drawn: Drawn, selection: Selection): Chosen | undefined {
  const { layout, table, scene } = drawn;
  const isIt = edgeTest(drawn, selection);
  const edges = [...scene.fine, ...scene.order, ...scene.off].filter(isIt);
  const ringed = new Set<number>();
  if ('node' in selection)
    for (const [i, { name }] of layout.nodes.entries()) if (isSame(name, selection.node)) ringed.add(i);
  const nodes = new Set(ringed);
  for (const slot of edges) {
    nodes.add(layout.out[table.from[slot]!]!.node);
    for (const reader of layout.into[table.to[slot]!]!.nodes) nodes.add(reader);
  }
  if (nodes.size === 0) return undefined;
  return {
    edges: Uint32Array.from(edges.sort((a, b) => scene.strength[b]! - scene.strength[a]! || a - b)),
    nodes,
    ringed,
  };
}

function edgeTest({ nodes, layout, table }: Drawn, selection: Selection): (slot: number) => boolean {
  if ('node' in selection) {
    const is = layout.nodes.map(({ name }) => isSame(name, selection.node));
    const writes = layout.out.map(({ node }) => is[node]!);
    const readsIt = layout.into.map(({ nodes: readers }) => readers.some((reader) => is[reader]!));
    return (slot) => writes[table.from[slot]!]! || readsIt[table.to[slot]!]!;
  }
  const from = nodes.sources.map((name) => isSame(name, selection.from));
  const to = nodes.reads.map((name) => isSame(name, selection.to));
  return (slot) => from[table.from[slot]!]! && to[table.to[slot]!]!;
}

export const edgeName = ({ nodes, table }: Drawn, slot: number): { from: string; to: string } => ({
  from: nodes.sources[table.from[slot]!]!,
  to: nodes.reads[table.to[slot]!]!,
});

/** The node an arrow key leads to: along the row, or to the nearest one in the row above or below. */
export function nextNode(
  { rows, nodes, nodeAt }: CircuitLayout,
  marked: Selection | undefined,
  key: string,
): Selection | undefined {
  const step = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [1, 0], ArrowDown: [-1, 0] }[key];
  if (!step) return undefined;
  const name = marked && ('node' in marked ? marked.node : marked.from);
  const current = name === undefined ? undefined : (nodeAt.get(name) ?? nodeAt.get(layerOf(name)));
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
export function nextEdge(
  drawn: Drawn,
  marked: Selection | undefined,
  anchor: string | undefined,
): Selection | undefined {
  const { fine, order, strength } = drawn.scene;
  const own =
    anchor === undefined
      ? Uint32Array.from([...fine, ...order]).sort((a, b) => strength[b]! - strength[a]! || a - b)
      : chosenIn(drawn, { node: anchor })?.edges;
  if (!own || own.length === 0) return undefined;
  const now = marked && 'from' in marked ? marked : undefined;
  const at = now
    ? own.findIndex((slot) => {
        const { from, to } = edgeName(drawn, slot);
        return from === now.from && to === now.to;
      })
    : -1;
  return edgeName(drawn, own[(at + 1) % own.length]!);
}
