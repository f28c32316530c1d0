/** What a model answers to a prompt when only some edges of its graph are left, all others ablated. */
import { ConfigError } from '../errors.js';
import { Graph } from '../graph/graph.js';
import { bucketOf, feedLast, feedTexts, joinChunks, lastRows, requireText } from '../model/lastLogits.js';
import type { DeviceModel } from '../model/deviceModel.js';
import { tokenInputs, transformer } from '../model/transformer.js';
import { meanName } from '../attribution/ablation.js';
import type { Circuit } from '../circuit/circuit.js';
import { keptEdges } from './patchedModel.js';
import { edgeName, nodeOfRead, type Nodes } from '../circuit/nodes.js';
import { PatchedStream } from './patchGraph.js';

export interface PromptOptions {
  /** Edges that work; a prompt has no corrupted side, so there is no patching. */
  readonly kept: Circuit;
  /** What takes the place of all others: nothing, or the means that `takeMeans` left on the device. */
  readonly ablation: 'zero' | 'mean';
}

/**
 * Logits [V] of the token after the last, with every edge outside `kept` ablated. In the `circuit-tuning` graph no edge
 * leads to the logits: what nodes write reaches them whatever is kept.
 * @throws TaskError for a prompt that the model cannot read; ConfigError for mean ablation before means were taken.
 */
export async function promptLogits(
  model: DeviceModel,
  tokens: readonly number[],
  { kept, ablation }: PromptOptions,
): Promise<Float32Array<ArrayBuffer>> {
  const { nodes } = kept;
  requireText(tokens, model.config);
  const T = bucketOf(tokens.length);
  if (ablation === 'mean' && !nodes.sourceGroups.every((group) => model.session.has(meanName(group, ablation, T))))
    throw new ConfigError({
      where: 'prompt',
      rule: 'mean ablation needs means, taken over some examples by the model as it is',
      got: 'none',
      cure: 'Take them first (takeMeans), or choose the zero ablation',
    });
  const key = JSON.stringify(['prompt', nodes.convention, nodes.mlpGroups, T, ablation]);
  const program = await model.program(key, () => {
    const graph = new Graph();
    const shape = { B: 1, T };
    const stream = new PatchedStream(graph, nodes, T, { ablation, T });
    const architecture = model.architecture(shape, nodes.mlpGroups);
    const x = transformer(graph, architecture, tokenInputs(graph, '', shape), stream);
    return { graph, fetch: lastRows(graph, x, shape, model) };
  });
  return joinChunks(
    model,
    await program.run({ ...feedTexts([tokens], T), ...feedLast([tokens], T), ...keptEdges(kept) }),
  );
}

/**
 * The circuit without some of its parts: edges by name (`a0.h1->m1`), reads (`a1.h0<q>`), or nodes with every edge that
 * begins or ends at them. Under grouped-query attention a head's keys and values are its group's: they stay when one head
 * goes, and go by their own names.
 * @throws ConfigError where the graph has no such part.
 */
export function withoutParts({ nodes, edges }: Circuit, parts: Iterable<string>): Circuit {
  const off = new Set(parts);
  requireParts(nodes, off);
  const { H, K } = nodes.config;
  const isShared = (read: string): boolean => K < H && /<[kv]>$/.test(read);
  const isOff = (edge: number): boolean => {
    const R = nodes.reads.length;
    const read = nodes.reads[edge % R]!;
    return (
      off.has(edgeName(nodes, edge)) ||
      off.has(nodes.sources[Math.floor(edge / R)]!) ||
      off.has(read) ||
      (off.has(nodeOfRead(read)) && !isShared(read))
    );
  };
  return { nodes, edges: edges.filter((edge) => !isOff(edge)) };
}

function requireParts({ sources, reads, convention, reach }: Nodes, parts: ReadonlySet<string>): void {
  const nodes = new Set([...sources, ...reads, ...reads.map(nodeOfRead)]);
  const source = new Map(sources.map((name, s) => [name, s]));
  const read = new Map(reads.map((name, r) => [name, r]));
  const isEdgeName = (part: string): boolean => {
    const [from, to] = part.split('->');
    const r = read.get(to ?? '');
    return r !== undefined && (source.get(from ?? '') ?? Infinity) < reach[r]!;
  };
  for (const part of parts)
    if (!nodes.has(part) && !isEdgeName(part))
      throw new ConfigError({
        where: `switched off: ${part}`,
        rule: `must be a node, a read or an edge of the ${convention} graph`,
        got: 'an unknown name',
        cure: 'As in a0.h1, a0.h1<q> or a0.h1->m1',
      });
}
