/** What a test of stability found, in words and part by part: for a page of its own, and for the report of a run. */
import type { StabilityRecord, StableEdge } from '@circuit-tuning/core';
import {
  formatNumber,
  intervalsSvg,
  percent,
  stableEdgeTable,
  survivalTable,
  tableHtml,
  variationTable,
  type IntervalRow,
} from '@circuit-tuning/web/draw/static';
import { folded } from './folded.js';

/** Edges that a reader looks at one by one. */
const [DRAWN, LISTED] = [40, 1000];

/** The answer, in the two sentences that the page begins with. */
export function survivalInWords({ kept, circuit, core, examples, confidence }: StabilityRecord): string {
  return (
    `Of the circuit’s ${circuit.edges} edges, another draw of ${examples} examples would find about ${percent(kept.mean)} again ` +
    `(between ${percent(kept.low)} and ${percent(kept.high)} in 95 of 100 draws). ` +
    `${core.edges} edges are stable: their ${percent(confidence)} interval keeps them in whichever of its ends is true.`
  );
}

/** What was found, part by part; a page says more around it. */
export function stabilitySections(record: StabilityRecord): { readonly title: string; readonly html: string }[] {
  const { edges, variations } = record;
  const inside = edges.filter(({ in_circuit: isIn }) => isIn).slice(0, DRAWN);
  return [
    {
      title: 'Another draw',
      html: `<p>The examples at hand stand for the population. Each resample draws as many of them, with replacement, and gets a circuit by the same rule; two resamples differ as two draws of the data would.</p>${tableHtml(survivalTable(record))}`,
    },
    ...(variations.length > 0 ? [{ title: 'Other choices', html: tableHtml(variationTable(record)) }] : []),
    {
      title: 'The strongest edges',
      html: `<p>A dot is the score, a line its interval. Filled dots are stable: their whole interval lies beyond every edge that the circuit leaves out. Hover for the numbers; the table has all of them.</p>${intervalsSvg(inside.map(intervalRow), { title: 'Scores of the strongest edges with their intervals' })}${folded('Edges as a table', tableHtml(stableEdgeTable(record, LISTED)))}`,
    },
  ];
}

/** What is in the core is filled. */
function intervalRow({ edge: name, score: value, low, high, inclusion, in_core: isFilled }: StableEdge): IntervalRow {
  const end = (bound: number | null): string => (bound === null ? 'no bound' : formatNumber(bound));
  const words = `${name}: ${formatNumber(value)}, from ${end(low)} to ${end(high)}; in ${Math.round(100 * inclusion)}% of drawn circuits${isFilled ? '; stable' : ''}`;
  return { name, value, low, high, isFilled, words, colour: value < 0 ? 'negative' : 'positive' };
}
