/**
 * The transformer, once for all families: what differs between GPT-2 and Llama is in ModelConfig.
 * Sources: Radford et al. 2019 (GPT-2); Touvron et al. 2023, https://arxiv.org/abs/2302.13971 (Llama);
 * Ainslie et al. 2023, https://arxiv.org/abs/2305.13245 (grouped-query attention).
 */
import type { Graph } from '../graph/graph.js';
import type { Value } from '../graph/value.js';
import { add, attention, gelu, rope, swiglu, tailAttention } from '../ops/index.js';
import type { ModelConfig } from './config.js';
import type { WeightDType } from './parameters.js';
import type { Norm, Projection, Stream } from './stream.js';
import { chunkParams, embedded, embedTokens, type Chunk } from './vocabulary.js';

export interface Tokens {
  /** [N] token ids, mask (1: a key that may be seen) and position ids; N = B·T. */
  readonly tokens: Value;
  readonly mask: Value;
  readonly positions: Value;
}

export interface Architecture {
  readonly config: ModelConfig;
  readonly chunks: readonly Chunk[];
  /** What matrices and embeddings lie in memory as; f32 unless told. */
  readonly dtype?: WeightDType;
  readonly B: number;
  readonly T: number;
  /** Groups the MLP's neurons are cut into as nodes; 1 keeps them whole. */
  readonly mlpGroups: number;
}

/** The inputs of one side, named `tokens`, `mask`, `positions` behind a prefix. */
export function tokenInputs(graph: Graph, prefix: string, { B, T }: { B: number; T: number }): Tokens {
  const input = (name: string): Value => graph.input(prefix + name, [B * T], 'u32');
  return { tokens: input('tokens'), mask: input('mask'), positions: input('positions') };
}

/** Queries, keys and values of a layer, [N, heads · E], turned to their positions where the model turns them. */
export interface Heads {
  readonly layer: number;
  readonly q: Value;
  readonly k: Value;
  readonly v: Value;
}

/** What the heads of a layer look up, z [N, H · E]. */
export type Attend = (heads: Heads) => Value;

/** Each position looks at itself and all before it that the mask shows. */
export const causal =
  (graph: Graph, { config: { H, K, E }, B, T }: Architecture, mask: Value): Attend =>
  ({ q, k, v }) =>
    graph.call(attention, { q, k, v, mask }, { dims: { B, T, H, K, E }, label: 'attn.z' }).z!;

export interface Past {
  /** Of each layer, [B · T, K · E]. */
  readonly heads: readonly Pick<Heads, 'k' | 'v'>[];
  /** Positions of an example that they have room for. */
  readonly T: number;
  /** [B · T], as in causal attention. */
  readonly mask: Value;
  /** [B] the position of an example's first row. */
  readonly first: Value;
}

/** Rows of few positions that follow each other, T of each example, look at themselves and at keys and values of a pass before. */
export const behind =
  (graph: Graph, { config: { H, K, E }, B, T: Q }: Architecture, { heads, T, mask, first }: Past): Attend =>
  ({ layer, q, k, v }) => {
    const { k: pastK, v: pastV } = heads[layer]!;
    const options = { dims: { B, T, Q, H, K, E }, label: 'attn.z' };
    return graph.call(tailAttention, { q, k, v, pastK, pastV, mask, first }, options).z!;
  };

export const ROPE_FREQUENCIES = 'rope.frequencies';

/** Appends the model; returns the normed stream after the last block, [N, D]. */
export function transformer(
  graph: Graph,
  architecture: Architecture,
  { tokens, mask, positions }: Tokens,
  stream: Stream,
  attend: Attend = causal(graph, architecture, mask),
): Value {
  const { config, chunks, dtype, B, T, mlpGroups } = architecture;
  const { L, D, H, K, E, F, act, position } = config;
  const param = (name: string, ...shape: number[]): Value => graph.param(name, shape);
  const norm = (name: string): Norm => ({
    gain: param(`${name}.w`, D),
    ...(config.norm === 'layernorm' && { bias: param(`${name}.b`, D) }),
    eps: config.eps,
  });
  const bias = (has: boolean, name: string, size: number): { bias?: Value } => (has ? { bias: param(name, size) } : {});
  const rotated = (x: Value, heads: number, label: string): Value =>
    position.kind === 'learned'
      ? x
      : graph.call(
          rope,
          { x, positions, freq: param(ROPE_FREQUENCIES, E / 2) },
          { dims: { N: B * T, H: heads, E }, label },
        ).y!;

  let x = embedTokens(graph, tokens, chunkParams(graph, 'embed.W_E', architecture), chunks);
  if (position.kind === 'learned') {
    const w = graph.param('pos_embed.W_pos', [config.T, D], dtype);
    const places = embedded(graph, { ids: positions, w }, { label: 'pos_embed' });
    x = graph.call(add, { a: x, b: places }, { label: 'input' }).y!;
  }
  stream.start(x);

  for (let l = 0; l < L; l++)
    graph.within(`blocks.${l}`, () => {
      const weight = (at: string, name: string, units: number): Value =>
        graph.param(`blocks.${l}.${at}.${name}`, [units, D], dtype);
      const head = (name: 'q' | 'k' | 'v', heads: number): Projection => ({
        name,
        W: weight('attn', `W_${name.toUpperCase()}`, heads * E),
        ...bias(config.qkvBias, `blocks.${l}.attn.b_${name.toUpperCase()}`, heads * E),
        groups: heads,
      });
      const [q, k, v] = stream.read({
        layer: l,
        at: 'attn',
        norm: norm(`blocks.${l}.ln1`),
        projections: [head('q', H), head('k', K), head('v', K)],
      });
      const z = attend({ layer: l, q: rotated(q!, H, 'attn.rope_q'), k: rotated(k!, K, 'attn.rope_k'), v: v! });
      stream.write({
        layer: l,
        at: 'attn',
        pre: z,
        W: weight('attn', 'W_O', H * E),
        ...bias(config.outBias, `blocks.${l}.attn.b_O`, D),
        groups: H,
      });

      const into = (name: 'gate' | 'in'): Projection => ({
        name,
        W: weight('mlp', `W_${name}`, F),
        ...bias(config.outBias, `blocks.${l}.mlp.b_${name}`, F),
        groups: mlpGroups,
      });
      const hidden = stream.read({
        layer: l,
        at: 'mlp',
        norm: norm(`blocks.${l}.ln2`),
        projections: act === 'swiglu' ? [into('gate'), into('in')] : [into('in')],
      });
      const post =
        act === 'swiglu'
          ? graph.call(swiglu, { gate: hidden[0], up: hidden[1] }, { label: 'mlp.post' }).y!
          : graph.call(gelu, { x: hidden[0] }, { attrs: { exact: act === 'gelu' ? 1 : 0 }, label: 'mlp.post' }).y!;
      stream.write({
        layer: l,
        at: 'mlp',
        pre: post,
        W: weight('mlp', 'W_out', F),
        ...bias(config.outBias, `blocks.${l}.mlp.b_out`, D),
        groups: mlpGroups,
      });
    });
  return stream.end(norm('ln_final'));
}

/** The unembedding's chunks: the embedding's own when tied. */
export const unembedParams = (graph: Graph, model: Pick<Architecture, 'config' | 'chunks' | 'dtype'>): Value[] =>
  chunkParams(graph, model.config.tied ? 'embed.W_E' : 'unembed.W_U', model);
