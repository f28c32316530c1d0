/** The file in which EAP-IG keeps a graph: https://github.com/hannamw/EAP-IG, `Graph.to_json`. */
export interface GraphJson {
  cfg: { n_layers: number; n_heads: number; n_key_value_heads: number; parallel_attn_mlp: boolean; d_model: number };
  nodes: Record<string, { in_graph: boolean }>;
  edges: Record<string, { score: number; in_graph: boolean }>;
  _meta?: Record<string, unknown>;
}
