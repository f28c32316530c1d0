/** The nodes of a model by the names that a circuit file uses: a file says neither the model's widths nor its options. */
import { ConfigError } from '../errors.js';
import type { ModelConfig } from '../model/config.js';
import { nodesOf, type Nodes } from '../circuit/nodes.js';
import type { EdgeGraph } from './graph.js';

/** @throws ConfigError where the model does not have this graph. */
export function nodesNamed(config: ModelConfig, { nodes: { sources, reads } }: EdgeGraph, where: string): Nodes {
  const blocks = sources.filter((name) => /^m0\.b\d+$/.test(name)).length;
  const convention = reads.includes('logits') ? 'eap-ig' : 'circuit-tuning';
  const fits = blocks === 0 || config.F % blocks === 0;
  const nodes = fits
    ? nodesOf(config, { convention, mlpBlock: blocks === 0 ? 'whole' : config.F / blocks })
    : undefined;
  // files of other tools may list nodes in another order
  const isSame = (a: readonly string[], b: readonly string[]): boolean =>
    a.length === b.length && new Set([...a, ...b]).size === a.length;
  if (nodes && isSame(nodes.sources, sources) && isSame(nodes.reads, reads)) return nodes;
  throw new ConfigError({
    where,
    rule: `must be a circuit of this model: ${config.L} layers of ${config.H} heads`,
    got: `a graph of ${sources.length} sources and ${reads.length} reads`,
    cure: 'Take the model that the run was made with',
  });
}
