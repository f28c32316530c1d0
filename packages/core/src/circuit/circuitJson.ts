/** Circuits in EAP-IG's graph JSON: https://github.com/hannamw/EAP-IG, `Graph.to_json` / `from_json`. */
import * as z from 'zod';
import { TaskError } from '../errors.js';
import { endsOf, type Circuit } from './circuit.js';
import type { GraphJson } from './graphJson.js';
import { kvNames } from './kvPerQueryHead.js';
import { allEdges, edgeIndex, edgeName, isEdge, nodeOfRead, type Nodes } from './nodes.js';

/**
 * Every edge of the graph with its score; `in_graph` marks the circuit. Under `eap-ig`, with whole MLPs and a key/value head
 * for each query head, that tool loads it as it is. It has no key/value heads: under grouped-query attention it would take
 * `a0.h1<k>`, which is the second key/value head here, for the second query head. `perQueryHead` is for that.
 */
export function toGraphJson(
  circuit: Circuit,
  scores: ArrayLike<number>,
  meta: Record<string, unknown> = {},
): GraphJson {
  const { nodes, edges } = circuit;
  const inside = new Set(edges);
  const { cfg, nodes: named, _meta } = frameOf(circuit, meta);
  return {
    cfg,
    nodes: named,
    edges: Object.fromEntries(
      Array.from(allEdges(nodes), (edge) => [
        edgeName(nodes, edge),
        { score: scores[edge] ?? 0, in_graph: inside.has(edge) },
      ]),
    ),
    _meta,
  };
}

/** The same as text, a source at a time: millions of edges need stand neither in memory at once nor in one string. */
export function* graphJsonText(
  circuit: Circuit,
  scores: ArrayLike<number>,
  meta: Record<string, unknown> = {},
): Generator<string> {
  const { nodes, edges } = circuit;
  const { sources, reads, reach } = nodes;
  const { cfg, nodes: named, _meta } = frameOf(circuit, meta);
  yield `{"cfg":${JSON.stringify(cfg)},"nodes":${JSON.stringify(named)},"edges":{`;
  let [next, separator] = [0, ''];
  for (const [s, source] of sources.entries()) {
    let text = '';
    for (let r = 0; r < reads.length; r++) {
      if (s >= reach[r]!) continue;
      const edge = s * reads.length + r;
      const score = scores[edge] ?? 0;
      const isInside = edges[next] === edge;
      if (isInside) next++;
      text += `${separator}"${source}->${reads[r]!}":{"score":${Number.isFinite(score) ? score : null},"in_graph":${isInside}}`;
      separator = ',';
    }
    yield text;
  }
  yield `},"_meta":${JSON.stringify(_meta)}}`;
}

/** All of it but the edges. */
function frameOf(circuit: Circuit, meta: Record<string, unknown>): Omit<GraphJson, 'edges'> {
  const { nodes } = circuit;
  const { L, H, K, D } = nodes.config;
  const { sources, reads } = endsOf(circuit);
  const touched = new Set([...sources.map((s) => nodes.sources[s]!), ...reads.map((r) => nodeOfRead(nodes.reads[r]!))]);
  const names = new Set([...nodes.sources, ...nodes.reads.map(nodeOfRead)]);
  return {
    cfg: { n_layers: L, n_heads: H, n_key_value_heads: K, parallel_attn_mlp: false, d_model: D },
    nodes: Object.fromEntries([...names].map((name) => [name, { in_graph: touched.has(name) }])),
    _meta: { graph: nodes.convention, mlp_groups: nodes.mlpGroups, ...meta },
  };
}

const schema = z.object({
  cfg: z.object({}).loose(),
  nodes: z.record(z.string(), z.object({}).loose()),
  edges: z.record(z.string(), z.object({ score: z.number().optional(), in_graph: z.boolean().optional() }).loose()),
});

/**
 * Reads a circuit and its scores back. Keys and values for each query head, as EAP-IG writes them, become those of the
 * key/value head that they share: scores add up, and one edge of the circuit is enough.
 * @throws TaskError when the text is no graph JSON, or names edges this model does not have.
 */
export function fromGraphJson(
  text: string,
  nodes: Nodes,
  where: string,
): { circuit: Circuit; scores: Float32Array<ArrayBuffer> } {
  const parsed = schema.safeParse(parseJson(text, where));
  if (!parsed.success)
    throw new TaskError({
      where,
      rule: 'must be a graph JSON with cfg, nodes and edges',
      got: parsed.error.issues[0]?.message ?? 'something else',
      cure: 'Write it with `circuit-tuning discover`, or with EAP-IG',
    });
  const indexOf = new Map(
    nodes.sources
      .flatMap((_, s) => nodes.reads.flatMap((_, r) => (isEdge(nodes, s, r) ? [[s, r]] : [])))
      .map(([s, r]) => {
        const edge = edgeIndex(nodes, s!, r!);
        return [edgeName(nodes, edge), edge] as const;
      }),
  );
  const scores = new Float32Array(nodes.sources.length * nodes.reads.length);
  const edges = new Set<number>();
  const ownName = kvNames(Object.keys(parsed.data.edges), nodes.config);
  for (const [name, { score, in_graph: isInside }] of Object.entries(parsed.data.edges)) {
    const edge = indexOf.get(ownName(name));
    if (edge === undefined)
      throw new TaskError({
        where: `${where}: edge ${name}`,
        rule: `must be one of the ${nodes.edgeCount} edges of this model in the ${nodes.convention} graph`,
        got: 'an unknown name',
        cure: 'Use the model and the --graph that the circuit was found with',
      });
    scores[edge]! += score ?? 0;
    if (isInside) edges.add(edge);
  }
  return { circuit: { nodes, edges: Uint32Array.from(edges).toSorted() }, scores };
}

function parseJson(text: string, where: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    const got = error instanceof Error ? error.message : 'something else';
    throw new TaskError({ where, rule: 'must be JSON', got, cure: 'Check that the file is whole' });
  }
}
