/** Names of parts that can be switched off: nodes, the places where they read, and edges. */
import type { RunGraph } from '../../record/record.js';

const nodeOfRead = (read: string): string => read.replace(/<\w+>$/, '');

/** Nodes in the order of the graph, to choose from. */
export const nodeNames = ({ nodes: { sources, reads } }: RunGraph): string[] => [
  ...new Set([...sources, ...reads.map(nodeOfRead)]),
];

/** Why a part cannot be switched off; undefined where it can. */
export function whyNoPart(graph: RunGraph, part: string): string | undefined {
  const { sources, reads } = graph.nodes;
  if (nodeNames(graph).includes(part) || reads.includes(part)) return undefined;
  const [from = '', to = '', ...more] = part.split('->');
  if (to === '' || more.length > 0)
    return `This model has no part ${part}. Write one as a0.h1, m2, a0.h1<q> or a0.h1->m2.`;
  const s = sources.indexOf(from);
  const r = reads.indexOf(to);
  if (s < 0) return `No edge begins at ${from}.`;
  if (r < 0) return `No edge ends at ${to}. Heads read as ${to}<q>, ${to}<k> or ${to}<v>.`;
  if (graph.from.some((it, i) => it === s && graph.to[i] === r)) return undefined;
  return `There is no edge ${part}: edges go up, from one layer to a later one.`;
}
