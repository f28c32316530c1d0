/**
 * Scores of whole nodes: heads, MLPs or blocks of neurons, and the embeddings. Whatever a node writes leaves it over its
 * edges, so the gradient where it writes is the sum of those where it is read, and under every method of gradients
 *
 *   score(s) = Σ_positions (clean_s − ablated_s) · d metric / d output_s = Σ_r score(s, r)
 *
 * (Nanda 2023, attribution patching). What patching the node for real costs is no such sum, and needs a run for each node.
 */
import { ConfigError } from '../errors.js';
import type { DeviceModel } from '../model/deviceModel.js';
import type { Example } from '../task/example.js';
import { allEdges, type Nodes } from '../circuit/nodes.js';
import { openPatched } from '../evaluation/patchedModel.js';
import type { AttributeOptions, Scores } from './scores.js';

export interface NodeScores {
  /** Names of the sources, in their order. */
  readonly nodes: readonly string[];
  /** Positive: what the node writes on the clean side raises the metric. */
  readonly values: Float64Array;
}

/** @throws ConfigError */
export function requireNodeGraph({ convention }: Pick<Nodes, 'convention'>): void {
  if (convention === 'eap-ig') return;
  throw new ConfigError({
    where: 'nodes',
    rule: 'are scored in the eap-ig graph: without an edge to the logits part of what a node does is missing',
    got: convention,
    cure: 'Choose the eap-ig graph; mlp-block cuts its MLPs too',
  });
}

/**
 * @param scores of the edges. For `exact` they are not looked at: each node is ablated at all that reads it.
 * @throws ConfigError in the graph without `logits`, where part of what a node does has no edge.
 */
export async function nodeScores(
  model: DeviceModel,
  examples: readonly Example[],
  { values }: Pick<Scores, 'values'>,
  { nodes, method, metric, ablation, batchSize, onProgress = () => {} }: AttributeOptions,
): Promise<NodeScores> {
  const { sources, reads } = nodes;
  requireNodeGraph(nodes);
  const R = reads.length;
  const sums = new Float64Array(sources.length);
  if (method !== 'exact') {
    for (const [edge, value] of values.entries()) sums[Math.floor(edge / R)]! += value;
    return { nodes: sources, values: sums };
  }
  const { clean, metricOf } = await openPatched(model, examples, nodes, { metric, ablation, batchSize });
  const all = allEdges(nodes);
  for (let s = 0; s < sources.length; s++) {
    const edges = all.filter((edge) => Math.floor(edge / R) !== s);
    sums[s] = clean - (await metricOf({ nodes, edges }));
    onProgress(s + 1, sources.length);
  }
  return { nodes: sources, values: sums };
}
