/** stability.html: one page that says how much of a circuit would survive another draw of the data. It has no scripts. */
import type { GraphJson, StabilityRecord, StableEdge } from '@circuit-tuning/core';
import {
  circuitSvg,
  drawCss,
  escapeHtml,
  formatNumber,
  intervalsSvg,
  percent,
  stableEdgeTable,
  survivalTable,
  tableHtml,
  themeCss,
  variationTable,
  type IntervalRow,
} from '@circuit-tuning/web/draw/static';
import { shown } from '../conduct.js';
import { folded } from './folded.js';
import { reportCss } from './reportCss.js';

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

/** `core` is the stable core as a graph. */
export function stabilityHtml(record: StabilityRecord, core: GraphJson): string {
  const { model, task } = record;
  const { edges, variations, scored, resamples, seed, examples, select, graph, of_edges: of } = record;
  const inside = edges.filter(({ in_circuit: isIn }) => isIn).slice(0, DRAWN);
  const facts: [string, string][] = [
    ['Model', model === 'embedded' ? model : shown(model)],
    ['Task', `${shown(task)}, ${examples} examples`],
    ['Circuit', `${record.circuit.edges} of ${of} edges of the ${graph} graph, by ${select}`],
    ['Scores', Object.entries(scored).map(([key, value]) => `${key} ${value}`).join(', ')], // prettier-ignore
    ['Bootstrap', `${resamples} resamples, seed ${seed}`],
  ];
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; img-src data:">
<title>circuit-tuning stability</title>
<style>${themeCss}${drawCss}${reportCss}</style>
</head>
<body>
<main>
<header><p class="kind">circuit-tuning stability</p><h1>How much of the circuit would survive another draw of the data</h1></header>
<p class="lead">${escapeHtml(survivalInWords(record))}</p>
<section><h2>What was asked</h2><dl class="facts">${facts.map(([label, value]) => `<dt>${escapeHtml(label)}</dt><dd>${escapeHtml(value)}</dd>`).join('')}</dl></section>
<section><h2>Another draw</h2><p>The examples at hand stand for the population. Each resample draws as many of them, with replacement, and gets a circuit by the same rule; two resamples differ as two draws of the data would.</p>${tableHtml(survivalTable(record))}</section>
${variations.length > 0 ? `<section><h2>Other choices</h2>${tableHtml(variationTable(record))}</section>` : ''}
<section><h2>The strongest edges</h2><p>A dot is the score, a line its interval. Filled dots are stable: their whole interval lies beyond every edge that the circuit leaves out. Hover for the numbers; the table has all of them.</p>${intervalsSvg(inside.map(intervalRow), { title: 'Scores of the strongest edges with their intervals' })}${folded('Edges as a table', tableHtml(stableEdgeTable(record, LISTED)))}</section>
<section><h2>The stable core</h2>${record.core.edges > 0 ? circuitSvg(core, { top: 200, title: `${record.core.edges} stable edges` }) : '<p>No edge is stable: more examples, or a larger circuit, would be needed.</p>'}</section>
</main>
</body>
</html>
`;
}

/** What is in the core is filled. */
function intervalRow({ edge: name, score: value, low, high, inclusion, in_core: isFilled }: StableEdge): IntervalRow {
  const end = (bound: number | null): string => (bound === null ? 'no bound' : formatNumber(bound));
  const words = `${name}: ${formatNumber(value)}, from ${end(low)} to ${end(high)}; in ${Math.round(100 * inclusion)}% of drawn circuits${isFilled ? '; stable' : ''}`;
  return { name, value, low, high, isFilled, words, colour: value < 0 ? 'negative' : 'positive' };
}
