/** One search: scores of all edges, as sure as the rule of selection asks for, and the circuit that it makes of them. */
import { LimitError } from '../errors.js';
import type { DeviceModel } from '../model/deviceModel.js';
import type { Example } from '../task/example.js';
import { attribute } from './attribute.js';
import { bootstrapIntervals, rehearseBootstrap, requireBootstrap, type BootstrapOptions } from './bootstrap.js';
import { rehearseExact } from './exact.js';
import type { Circuit } from '../circuit/circuit.js';
import { allEdges, type Nodes } from '../circuit/nodes.js';
import type { AttributeOptions, Scores } from './scores.js';
import { requireSome, selectEdges, type Selection } from '../circuit/select.js';

export interface SearchCircuitOptions extends AttributeOptions {
  /** Edges kept; the rule `threshold` does not look at it. */
  readonly topN: number;
  readonly select: Selection;
  /** Of the rule `stable`. */
  readonly bootstrap?: BootstrapOptions;
}

/** @throws what `attribute`, `selectEdges` and `requireSome` throw; TaskError where `stable` has too few examples. */
export async function searchCircuit(
  model: DeviceModel,
  examples: readonly Example[],
  { topN, select, bootstrap, ...options }: SearchCircuitOptions,
): Promise<{ circuit: Circuit; scores: Scores }> {
  const { nodes } = options;
  const scores =
    select.rule === 'stable'
      ? await scoresWithIntervals(model, examples, options, bootstrap)
      : await attribute(model, examples, options);
  return { circuit: requireSome(selectEdges(nodes, scores.values, topN, select, scores.interval), select), scores };
}

/**
 * The search as far as it allocates, with its longest examples: passes that take no more than the one before are left out, and
 * so is what would be kept, for a device that only counts scores noise.
 * @param count of all examples, each of which the rule `stable` draws.
 */
export async function rehearseSearch(
  model: DeviceModel,
  examples: readonly Example[],
  { select, bootstrap, ...options }: SearchCircuitOptions,
  count = examples.length,
): Promise<void> {
  const isStable = select.rule === 'stable';
  if (options.method === 'exact') await rehearseExact(model, examples, options);
  else await attribute(model, examples, { ...options, ...(isStable && { perExample: true }) });
  if (isStable) await rehearseBootstrap(model.session, options.nodes, count, bootstrap);
}

/** Scores of each example, and what the bootstrap makes of them. */
export async function scoresWithIntervals(
  model: DeviceModel,
  examples: readonly Example[],
  options: AttributeOptions,
  bootstrap: BootstrapOptions = {},
): Promise<Scores & Required<Pick<Scores, 'perExample' | 'interval'>>> {
  requireBootstrap(examples.length, bootstrap);
  requireRoom(options.nodes, examples.length);
  const scores = await attribute(model, examples, { ...options, perExample: true });
  const perExample = scores.perExample!;
  const interval = await bootstrapIntervals(model.session, perExample, allEdges(options.nodes), bootstrap);
  return { ...scores, perExample, interval };
}

/** Scores of each example are kept in memory: GPT-2 small takes 280 kB an example, 2^31 bytes hold 7,600. */
function requireRoom({ sources, reads }: Nodes, examples: number): void {
  const bytes = 4 * sources.length * reads.length * examples;
  if (bytes <= 2 ** 31) return;
  throw new LimitError({
    where: 'bootstrap',
    rule: `scores of each example must take at most ${2 ** 31} bytes`,
    got: `${bytes} bytes for ${examples} examples`,
    cure: 'Take fewer examples, or a graph of fewer nodes (mlp-block whole)',
  });
}
