/** A circuit file with other edges inside: the union, intersection or difference of two, for any tool that reads one. */
import type { GraphJson } from '../circuit/graphJson.js';
import { nodeOfRead } from '../circuit/nodes.js';

/**
 * A graph JSON of the graph of another.
 * @param inside names of the edges of the circuit.
 * @param scoreOf by name of each edge of the graph.
 */
export function circuitFromEdges(
  { cfg, nodes, edges, _meta }: GraphJson,
  inside: ReadonlySet<string>,
  scoreOf: (edge: string) => number,
  meta: Readonly<Record<string, unknown>>,
): GraphJson {
  const touched = new Set([...inside].flatMap((edge) => edge.split('->').map(nodeOfRead)));
  const { graph, mlp_groups: groups } = _meta ?? {};
  return {
    cfg,
    nodes: Object.fromEntries(Object.keys(nodes).map((name) => [name, { in_graph: touched.has(name) }])),
    edges: Object.fromEntries(
      Object.keys(edges).map((name) => [name, { score: scoreOf(name), in_graph: inside.has(name) }]),
    ),
    _meta: { ...(graph !== undefined && { graph }), ...(groups !== undefined && { mlp_groups: groups }), ...meta },
  };
}
