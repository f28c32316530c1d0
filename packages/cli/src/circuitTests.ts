/** What `evaluate` puts a circuit to: faithfulness always, the rest where it is asked for; as data, and as tables. */
import {
  ConfigError,
  curvePasses,
  faithfulness,
  faithfulnessCurves,
  openPatched,
  testPasses,
  testsOf,
  type Curves,
  type DeviceModel,
  type Example,
  type Faithfulness,
  type Metric,
  type PatchOptions,
  type Predicted,
  type TestsFound,
} from '@circuit-tuning/core';
import type { GivenCircuit } from './circuitFile.js';
import { faithfulnessTable } from './summary.js';
import { number, percent, table } from './table.js';

export interface TestFlags {
  readonly controls: number;
  readonly seed: number;
  readonly curve?: true;
  readonly select: 'top-n' | 'greedy' | 'node-weighted';
  readonly completeness?: true;
  readonly minimality?: number;
  readonly exact?: true;
  readonly sample?: number;
}

export interface CircuitTests extends Faithfulness, TestsFound {
  readonly curve?: Curves;
}

interface Teller {
  readonly tell: (what: string) => (done: number, of: number) => void;
  readonly say: (line: string) => void;
}

/** @throws ConfigError where scores are asked about and the file has none. */
export async function everyTest(
  model: DeviceModel,
  examples: readonly Example[],
  { circuit, scores, path }: GivenCircuit,
  options: PatchOptions,
  flags: TestFlags,
  { tell, say }: Teller,
): Promise<CircuitTests> {
  const { controls, seed, select: rule } = flags;
  const { nodes } = circuit;
  if ((flags.curve || flags.exact) && scores.every((score) => score === 0))
    throw new ConfigError({
      where: path,
      rule: `must hold scores for --${flags.curve ? 'curve' : 'exact'}`,
      got: 'noughts only',
      cure: 'Write it with `circuit-tuning discover`',
    });
  const costs = [
    ...(flags.curve ? [`the curve, at most ${number(curvePasses(controls))}`] : []),
    ...Object.entries(testPasses(circuit, flags)).map(([test, passes]) => {
      const cost = passes === undefined ? `${number(nodes.edgeCount)}, as many at once as fit` : number(passes);
      return `${test === 'exact' ? 'exact effects' : test}, ${cost}`;
    }),
  ];
  if (costs.length > 0) say(`passes over ${number(examples.length)} examples: ${costs.join('; ')}`);

  const onProgress = tell('testing the circuit');
  const [faithful] = await faithfulness(model, examples, [circuit], { ...options, controls, seed, onProgress });
  if (costs.length === 0) return faithful!;
  const patched = await openPatched(model, examples, nodes, options);
  return {
    ...faithful!,
    ...(flags.curve && {
      curve: await faithfulnessCurves(patched, scores, { rule, controls, seed, onProgress: tell('the curve') }),
    }),
    ...(await testsOf(model, examples, patched, { circuit, scores }, options, flags, tell)),
  };
}

/** The most edges that a screen shows. */
const SHOWN = 10;

export function circuitTables(tests: CircuitTests, metric: Metric): string {
  const { curve, completeness: complete, minimality: minimal, exact } = tests;
  const parts = [faithfulnessTable([tests], metric)];
  if (curve) parts.push(curveTable(curve));
  if (complete !== undefined)
    parts.push(table(['completeness', 'faithfulness'], [['edges outside the circuit', percent(complete)]]));
  if (minimal)
    parts.push(
      table(
        ['minimality', 'value'],
        [
          ['edges taken out, each alone', number(minimal.tested)],
          [`of them change less than ${percent(minimal.tolerance)}`, percent(minimal.needless)],
        ],
      ),
    );
  if (exact) parts.push(exactTable(exact));
  return parts.map((part) => `\n${part}`).join('');
}

export function curveTable({ signed, absolute, cpr, cmd }: Curves): string {
  const mean = (shares: readonly number[]): string =>
    shares.length === 0 ? '' : percent(shares.reduce((sum, share) => sum + share, 0) / shares.length);
  const rows = signed.points.map((point, i) => {
    const other = absolute.points[i]!;
    return [
      percent(point.fraction),
      number(point.edges),
      percent(point.faithfulness),
      number(other.edges),
      percent(other.faithfulness),
      mean(other.random_edges),
      mean(other.random_parameters),
    ];
  });
  const head = ['edges', 'by score', 'faithful', 'by |score|', 'faithful', 'random, edges', 'random, parameters'];
  const area = (
    of: readonly { area_under: number; area_from_1: number }[],
    key: 'area_under' | 'area_from_1',
  ): string => (of.length === 0 ? '' : number(of.reduce((sum, it) => sum + it[key], 0) / of.length));
  const areas = table(
    ['area', 'found', 'random, edges', 'random, parameters'],
    [
      [
        'CPR, more is better',
        number(cpr),
        area(signed.random_edges, 'area_under'),
        area(signed.random_parameters, 'area_under'),
      ],
      [
        'CMD, less is better',
        number(cmd),
        area(absolute.random_edges, 'area_from_1'),
        area(absolute.random_parameters, 'area_from_1'),
      ],
    ],
  );
  return `${table(head, rows)}\n${areas}`;
}

function exactTable({ tested, of_edges: of, spearman, pearson, weakest, false_negatives: missed }: Predicted): string {
  const facts = table(
    ['scores against exact effects', 'value'],
    [
      ['edges tested', `${number(tested)} of ${number(of)}`],
      ['Spearman', number(spearman)],
      ['Pearson', number(pearson)],
      ['smallest effect in the circuit', number(weakest?.effect)],
      ['false negatives', number(missed.length)],
    ],
  );
  if (missed.length === 0) return facts;
  const rows = missed.slice(0, SHOWN).map(({ edge, score, effect }) => [edge, number(score), number(effect)]);
  return `${facts}\n${table(['missed edges', 'score', 'effect'], rows)}`;
}
