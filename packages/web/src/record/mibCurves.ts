/** Faithfulness over MIB's fractions of the edges as curves, beside random circuits: what CPR and CMD are areas of. */
import type { Series } from '../draw/series.js';
import { formatNumber, type Cell, type Column, type Table } from '../draw/table.js';
import type { FaithfulnessStory, MibCurve, RunStory } from './story.js';

export interface MibChart {
  readonly title: string;
  readonly lines: readonly Series[];
  readonly yRange: readonly [number, number];
}

const curveOf = ({ faithfulness }: RunStory): FaithfulnessStory['curve'] =>
  faithfulness.find(({ curve }) => curve)?.curve;

/** Two charts where a run measured them, none else; x in percent of the edges. */
export function mibCharts(story: RunStory): MibChart[] {
  const curve = curveOf(story);
  if (!curve) return [];
  const charts = [
    { title: `Edges taken by score: CPR ${formatNumber(curve.cpr, 3)}, more is better`, of: curve.signed },
    { title: `Edges taken by |score|: CMD ${formatNumber(curve.cmd, 3)}, less is better`, of: curve.absolute },
  ].map(({ title, of }) => ({ title, lines: linesOf(of) }));
  const values = charts.flatMap(({ lines }) =>
    lines.flatMap(({ points, band = [] }) => [...points.map(([, y]) => y), ...band.flatMap(([, ...ends]) => ends)]),
  );
  const [low, high] = [Math.min(0, ...values), Math.max(1, ...values)];
  const room = 0.09 * (high - low);
  return charts.map((chart) => ({ ...chart, yRange: [low - room, high + room] }));
}

function linesOf({ points }: MibCurve): Series[] {
  const x = ({ fraction }: MibCurve['points'][number]): number => 100 * fraction;
  const band = (name: string, look: string, of: 'random_edges' | 'random_parameters'): Series[] => {
    const drawn = points.filter((point) => point[of].length > 0);
    if (drawn.length === 0) return [];
    const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
    return [
      {
        name,
        look,
        points: drawn.map((point) => [x(point), mean(point[of])]),
        band: drawn.map((point) => [x(point), Math.min(...point[of]), Math.max(...point[of])]),
      },
    ];
  };
  return [
    { name: 'strongest edges', look: 'circuit', hasDots: true, points: points.map((it) => [x(it), it.faithfulness]) },
    ...band('random, as many edges', 'random', 'random_edges'),
    ...band('random, as many parameters', 'complement', 'random_parameters'),
  ];
}

/** Every point of both curves. */
export function mibTable(story: RunStory): Table {
  const curve = curveOf(story);
  const column = (head: string, more: Partial<Column> = {}): Column => ({ head, isNumber: true, ...more });
  const group = (name: string): Column[] => [
    column('edges', { group: name }),
    column('faithfulness', { group: name }),
    column('random, as many edges', { group: name, title: 'Mean over the draws' }),
    column('random, as many parameters', { group: name, title: 'Mean over the draws' }),
  ];
  const mean = (values: readonly number[]): number | undefined =>
    values.length === 0 ? undefined : values.reduce((sum, value) => sum + value, 0) / values.length;
  const cells = ({ points }: MibCurve, i: number): Cell[] => {
    const { edges, faithfulness, random_edges: ofEdges, random_parameters: ofParameters } = points[i]!;
    return [edges, faithfulness, mean(ofEdges), mean(ofParameters)];
  };
  return {
    caption:
      'Faithfulness over fractions of the edges; CPR is the area under the first, CMD that between the second and 1',
    columns: [column('% of edges'), ...group('by score'), ...group('by |score|')],
    rows: curve
      ? curve.signed.points.map(({ fraction }, i) => [
          100 * fraction,
          ...cells(curve.signed, i),
          ...cells(curve.absolute, i),
        ])
      : [],
  };
}
