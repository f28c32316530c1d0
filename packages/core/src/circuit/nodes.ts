/**
 * The nodes and edges of a model, by index and by name, in two conventions:
 * - `eap-ig`: `input` writes and `logits` reads too (Hanna et al. 2024, https://arxiv.org/abs/2403.17806);
 *   GPT-2 small has 157 sources, 445 reads, 32,491 edges.
 * - `circuit-tuning`: attention heads and MLPs only (Li et al. 2025, https://arxiv.org/abs/2502.06106, GPT-2 small: 31,890),
 *   gated MLPs cut into blocks of at most 64 neurons, with gate and input projections read apart.
 *
 * Sources are ordered input, then per layer heads and MLP; reads per layer all q, all k, all v, MLP; logits last.
 * K and V nodes stand for a key/value head: under grouped-query attention several query heads share one.
 */
import { ConfigError } from '../errors.js';
import type { ModelConfig } from '../model/config.js';

export type Convention = 'eap-ig' | 'circuit-tuning';

/** Consecutive sources that are written together. */
export interface SourceGroup {
  readonly at: 'input' | 'attn' | 'mlp';
  readonly layer: number;
  readonly first: number;
  readonly count: number;
}

/** Consecutive reads that are projected together. */
export interface ReadGroup {
  readonly at: 'q' | 'k' | 'v' | 'mlp' | 'gate' | 'in' | 'logits';
  readonly layer: number;
  readonly first: number;
  readonly count: number;
  /** Sources before this one write before it reads: edge s → r exists iff s < reach. */
  readonly reach: number;
}

export interface Nodes {
  readonly convention: Convention;
  readonly config: ModelConfig;
  /** Blocks an MLP is cut into; 1 keeps it whole. */
  readonly mlpGroups: number;
  /** Node names by source index: `input`, `a3.h5`, `m7` or `m7.b2`. */
  readonly sources: readonly string[];
  /** By read index: `a3.h5<q>`, `m7`, `m7.b2<gate>`, `m7.b2<in>`, `logits`. */
  readonly reads: readonly string[];
  readonly sourceGroups: readonly SourceGroup[];
  readonly readGroups: readonly ReadGroup[];
  /** [R] for each read, how many of the first sources it can see. */
  readonly reach: Uint32Array;
  readonly edgeCount: number;
}

export interface NodeOptions {
  readonly convention?: Convention;
  /** Neurons of one MLP node; 'whole' for one node a layer. Unless told: whole, and 64 at most for `circuit-tuning` on gated MLPs. */
  readonly mlpBlock?: number | 'whole';
}

export function nodesOf(config: ModelConfig, { convention = 'eap-ig', mlpBlock }: NodeOptions = {}): Nodes {
  const { L, H, K, act } = config;
  const mlpGroups = groupsOf(config, convention, mlpBlock);
  const hasEnds = convention === 'eap-ig';
  const sources: string[] = [];
  const reads: string[] = [];
  const sourceGroups: SourceGroup[] = [];
  const readGroups: ReadGroup[] = [];
  const write = (at: SourceGroup['at'], layer: number, names: readonly string[]): void => {
    sourceGroups.push({ at, layer, first: sources.length, count: names.length });
    sources.push(...names);
  };
  const read = (at: ReadGroup['at'], layer: number, names: readonly string[]): void => {
    readGroups.push({ at, layer, first: reads.length, count: names.length, reach: sources.length });
    reads.push(...names);
  };
  const series = (count: number, name: (i: number) => string): string[] =>
    Array.from({ length: count }, (_, i) => name(i));

  if (hasEnds) write('input', -1, ['input']);
  for (let l = 0; l < L; l++) {
    read(
      'q',
      l,
      series(H, (h) => `a${l}.h${h}<q>`),
    );
    read(
      'k',
      l,
      series(K, (h) => `a${l}.h${h}<k>`),
    );
    read(
      'v',
      l,
      series(K, (h) => `a${l}.h${h}<v>`),
    );
    write(
      'attn',
      l,
      series(H, (h) => `a${l}.h${h}`),
    );
    if (mlpGroups === 1) read('mlp', l, [`m${l}`]);
    else {
      if (act === 'swiglu')
        read(
          'gate',
          l,
          series(mlpGroups, (i) => `m${l}.b${i}<gate>`),
        );
      read(
        'in',
        l,
        series(mlpGroups, (i) => `m${l}.b${i}<in>`),
      );
    }
    write('mlp', l, mlpGroups === 1 ? [`m${l}`] : series(mlpGroups, (i) => `m${l}.b${i}`));
  }
  if (hasEnds) read('logits', L, ['logits']);

  const reach = Uint32Array.from(readGroups.flatMap(({ count, reach }) => Array<number>(count).fill(reach)));
  const edgeCount = reach.reduce((sum, visible) => sum + visible, 0);
  return { convention, config, mlpGroups, sources, reads, sourceGroups, readGroups, reach, edgeCount };
}

function groupsOf({ F, act }: ModelConfig, convention: Convention, block: NodeOptions['mlpBlock']): number {
  if (block === 'whole') return 1;
  if (block === undefined) {
    if (convention === 'eap-ig' || act !== 'swiglu') return 1;
    for (let size = Math.min(64, F); ; size--) if (F % size === 0) return F / size;
  }
  if (!Number.isInteger(block) || block < 1 || F % block !== 0) {
    const fitting = [...Array(Math.min(F, 256)).keys()].map((i) => i + 1).filter((size) => F % size === 0 && size > 1);
    throw new ConfigError({
      where: 'mlp-block',
      rule: `must divide the ${F} neurons of an MLP`,
      got: block,
      cure: `Take one of ${fitting.join(', ')}, or 'whole'`,
    });
  }
  return F / block;
}

/** An edge as one number: source · R + read. */
export const edgeIndex = (nodes: Nodes, source: number, read: number): number => source * nodes.reads.length + read;

export const isEdge = (nodes: Nodes, source: number, read: number): boolean => source < nodes.reach[read]!;

/** `a0.h1->a2.h3<q>`, as EAP-IG writes edges. */
export const edgeName = (nodes: Nodes, edge: number): string =>
  `${nodes.sources[Math.floor(edge / nodes.reads.length)]}->${nodes.reads[edge % nodes.reads.length]}`;

/** `a3.h5<q>` reads into node `a3.h5`. */
export const nodeOfRead = (read: string): string => read.replace(/<.*>$/, '');

/** All edges, ascending. Reads that see a source are the last ones, for `reach` never falls. */
export function allEdges({ sources, reads, reach, edgeCount }: Nodes): Uint32Array<ArrayBuffer> {
  const [S, R] = [sources.length, reads.length];
  const edges = new Uint32Array(edgeCount);
  let [at, first] = [0, 0];
  for (let s = 0; s < S; s++) {
    while (first < R && reach[first]! <= s) first++;
    for (let r = first; r < R; r++) edges[at++] = s * R + r;
  }
  return edges;
}
