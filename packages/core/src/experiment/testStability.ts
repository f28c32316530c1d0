/**
 * How far a circuit depends on what happened to be chosen: the examples, their wording, the seed, how edges are scored.
 * What comes out is plain data, as `stability.json` has it.
 */
import { overlap, type Circuit } from '../circuit/circuit.js';
import { allEdges } from '../circuit/nodes.js';
import { rehearseSearch, scoresWithIntervals } from '../attribution/searchCircuit.js';
import type { AttributeOptions, Scores } from '../attribution/scores.js';
import { requireSome, selectEdges } from '../circuit/select.js';
import { circuitsOfParts, sharedOf, stabilityOf, type Part, type Stability } from '../attribution/stability.js';
import { attribute } from '../attribution/attribute.js';
import { bootstrapIntervals, type BootstrapOptions, type Interval } from '../attribution/bootstrap.js';
import { ConfigError, show, TaskError } from '../errors.js';
import type { DeviceModel } from '../model/deviceModel.js';
import { templateOf, type Example } from '../task/example.js';
import { Random } from '../task/random.js';
import { attributionOf } from './attribution.js';
import type { Prepared } from './prepared.js';
import { recordOf, type StabilityRecord, type Variation } from './stabilityRecord.js';

export interface StabilityTest {
  readonly bootstrap: BootstrapOptions;
  /** Parts of equal size that the examples are dealt into at random, each with a circuit of its own. */
  readonly folds?: number;
  /** A circuit for each template of the examples. */
  readonly byTemplate?: boolean;
  /** The same examples scored in other ways. */
  readonly others?: readonly { readonly source: string; readonly name: string; readonly how: AttributeOptions }[];
  /** Other seeds of the bootstrap. */
  readonly seeds?: readonly number[];
  readonly onProgress?: (what: string, done: number, of: number) => void;
}

export interface StabilityFound {
  readonly record: StabilityRecord;
  readonly circuit: Circuit;
  readonly core: Circuit;
  readonly scores: Scores;
  readonly stability: Stability;
}

/** @throws what a search throws; ConfigError or TaskError where the examples have not the parts asked for. */
export async function testStability(
  model: DeviceModel,
  prepared: Prepared,
  { bootstrap, folds, byTemplate = false, others = [], seeds = [], onProgress = () => {} }: StabilityTest,
): Promise<StabilityFound> {
  const { nodes, search: examples, topN, select } = prepared;
  const parts = requireExampleParts(examples, { folds, byTemplate, seed: bootstrap.seed ?? 0 });
  const tell = (what: string) => (done: number, of: number) => onProgress(what, done, of);
  const how = { ...attributionOf(prepared), batchSize: prepared.experiment.discovery.batch_size };
  const options = { ...how, onProgress: tell('scoring each example') };
  const scores = await scoresWithIntervals(model, examples, options, bootstrap);
  const { perExample, interval } = scores;
  const circuit = requireSome(selectEdges(nodes, scores.values, topN, select), select);
  const stable = { ...select, rule: 'stable' } as const;
  const size = circuit.edges.length;
  const inside = new Set(circuit.edges);
  // Of a rule that does not go by strength alone, the strongest edges may be others.
  const coreOf = (its: Interval): Circuit => ({
    nodes,
    edges: selectEdges(nodes, scores.values, size, stable, its).edges.filter((edge) => inside.has(edge)),
  });
  const core = coreOf(interval);
  const stability = await stabilityOf(model.session, scores, {
    ...bootstrap,
    topN,
    select,
    onProgress: tell('drawing other examples'),
  });

  const variations: Variation[] = [];
  const varied = (source: string, name: string, its: Pick<Part, 'circuit' | 'kept' | 'jaccard' | 'examples'>): void => {
    const edges = its.circuit.edges;
    const { kept, jaccard } = its;
    variations.push({
      source,
      name,
      examples: its.examples,
      edges: edges.length,
      kept,
      core_kept: sharedOf(core.edges, edges),
      jaccard,
    });
  };
  for (const [source, members] of parts)
    for (const part of circuitsOfParts(nodes, perExample, members, circuit, { topN, select }))
      varied(source, part.name, part);
  for (const other of others) {
    const found = await attribute(model, examples, { ...other.how, onProgress: tell(`scoring with ${other.name}`) });
    const its = selectEdges(nodes, found.values, topN, select);
    varied(other.source, other.name, { ...sharedWith(circuit, its), examples: examples.length });
  }
  for (const seed of seeds) {
    const again = await bootstrapIntervals(model.session, perExample, allEdges(nodes), { ...bootstrap, seed });
    varied('seed', `${seed}`, { ...sharedWith(core, coreOf(again)), examples: examples.length });
  }
  const record = recordOf(prepared, { circuit, core, scores, stability, variations });
  return { record, circuit, core, scores, stability };
}

/**
 * What the test allocates.
 * @param count of all examples, where `search` holds the longest alone.
 */
export async function rehearseStability(
  model: DeviceModel,
  prepared: Prepared,
  { bootstrap, others = [] }: Pick<StabilityTest, 'bootstrap' | 'others'>,
  count = prepared.search.length,
): Promise<void> {
  const { search: examples, topN, select, experiment } = prepared;
  const options = { ...attributionOf(prepared), batchSize: experiment.discovery.batch_size, topN };
  await rehearseSearch(model, examples, { ...options, select: { rule: 'stable' }, bootstrap }, count);
  for (const { how } of others) await rehearseSearch(model, examples, { ...how, topN, select });
}

const sharedWith = (whole: Circuit, circuit: Circuit): Pick<Part, 'circuit' | 'kept' | 'jaccard'> => ({
  circuit,
  kept: sharedOf(whole.edges, circuit.edges),
  jaccard: overlap(whole.edges, circuit.edges),
});

type Parts = ReadonlyMap<string, readonly number[]>;

/** Indices of the examples of each part, by what makes them parts. @throws ConfigError or TaskError where there are none. */
export function requireExampleParts(
  examples: readonly Example[],
  { folds, byTemplate, seed }: { folds: number | undefined; byTemplate: boolean; seed: number },
): Map<string, Parts> {
  const parts = new Map<string, Parts>();
  if (byTemplate) parts.set('template', templatesOf(examples));
  if (folds === undefined) return parts;
  if (!Number.isInteger(folds) || folds < 2 || folds > examples.length / 2)
    throw new ConfigError({
      where: 'folds',
      rule: `must be a whole number from 2 to half of the ${examples.length} examples`,
      got: folds,
      cure: 'As in 5',
    });
  const order = new Random(seed, 0xf01d).shuffle(examples.map((_, e) => e));
  const dealt = Array.from({ length: folds }, (_, k) => [`${k + 1}`, order.filter((_, i) => i % folds === k)] as const);
  return parts.set('fold', new Map(dealt));
}

function templatesOf(examples: readonly Example[]): Parts {
  const parts = new Map<string, number[]>();
  for (const [e, example] of examples.entries()) {
    const name = templateOf(example);
    if (name === undefined)
      throw new TaskError({
        where: `task line ${example.line}`,
        rule: 'a row must say its template',
        got: `the id ${show(example.id)}`,
        cure: 'Add "template" to every row, or give ids like pp-1',
      });
    parts.set(name, [...(parts.get(name) ?? []), e]);
  }
  if (parts.size > 1) return parts;
  throw new TaskError({
    where: 'templates',
    rule: 'the examples must have at least two templates to be compared',
    got: show([...parts.keys()]),
    cure: 'Add rows that are worded otherwise, raise the limit, or leave the templates out',
  });
}
