/**
 * Key and value edges for each query head, as EAP-IG has them. Under grouped-query attention a key/value head is one node
 * here; there each of the query heads that share it has a key and a value of its own, and the shared gradient is divided
 * among them: score · K / H each. Back again, scores add up.
 */
import { ConfigError } from '../errors.js';
import type { GraphJson } from './graphJson.js';
import type { Convention } from './nodes.js';

const KV_READ = /\.h(\d+)<([kv])>$/;

interface Heads {
  readonly graph: Convention;
  readonly mlpGroups: number;
  readonly H: number;
  readonly K: number;
}

/** @throws ConfigError where EAP-IG has no such graph, or its edges are the same as ours. */
export function requireSharedHeads({ graph, mlpGroups, H, K }: Heads): void {
  requireEapIg({ graph, mlpGroups });
  if (K < H) return;
  throw new ConfigError({
    where: 'kv-per-query-head',
    rule: 'takes effect only where query heads share keys and values',
    got: `${K} key/value heads for ${H} query heads`,
    cure: 'Leave it out',
  });
}

/** @throws ConfigError for a graph that EAP-IG does not have. */
export function requireEapIg({ graph, mlpGroups }: Pick<Heads, 'graph' | 'mlpGroups'>): void {
  if (graph === 'eap-ig' && mlpGroups === 1) return;
  throw new ConfigError({
    where: 'graph',
    rule: 'must be the eap-ig graph with whole MLPs, the only one that EAP-IG has',
    got: graph === 'eap-ig' ? `MLPs in ${mlpGroups} blocks` : graph,
    cure: 'Find the circuit in that graph',
  });
}

/** @throws ConfigError where that changes nothing, or EAP-IG has no such graph. */
export function perQueryHead(json: GraphJson): GraphJson {
  const { n_heads: H, n_key_value_heads: K } = json.cfg;
  const { _meta: meta = {} } = json;
  const { graph = 'eap-ig', mlp_groups: mlpGroups = 1 } = meta;
  requireSharedHeads({ graph: graph as Convention, mlpGroups: Number(mlpGroups), H, K });
  const shared = H / K;
  const edges = Object.fromEntries(
    Object.entries(json.edges).flatMap(([name, { score, in_graph: isInside }]) => {
      const [, head, at] = KV_READ.exec(name) ?? [];
      if (head === undefined) return [[name, { score, in_graph: isInside }] as const];
      return Array.from({ length: shared }, (_, i) => {
        const own = name.replace(KV_READ, `.h${Number(head) * shared + i}<${at}>`);
        return [own, { score: score / shared, in_graph: isInside }] as const;
      });
    }),
  );
  const touched = new Set(
    Object.entries(edges).flatMap(([name, edge]) => (edge.in_graph ? name.replace(/<.>$/, '').split('->') : [])),
  );
  return {
    cfg: { ...json.cfg, n_key_value_heads: H },
    nodes: Object.fromEntries(Object.keys(json.nodes).map((name) => [name, { in_graph: touched.has(name) }])),
    edges,
    _meta: { ...meta, kv_per_query_head: true },
  };
}

/**
 * What an edge of a file is called here. Only names of key/value heads that the model does not have tell that a file has
 * them for each query head, and a whole graph has such names.
 */
export function kvNames(names: readonly string[], { H, K }: { H: number; K: number }): (name: string) => string {
  const isExpanded = names.some((name) => Number(KV_READ.exec(name)?.[1] ?? 0) >= K);
  if (!isExpanded) return (name) => name;
  return (name) => name.replace(KV_READ, (_, head, at) => `.h${Math.floor((Number(head) * K) / H)}<${at}>`);
}
