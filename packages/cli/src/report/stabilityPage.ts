/** stability.html: one page that says how much of a circuit would survive another draw of the data. It has no scripts. */
import type { GraphJson, StabilityRecord } from '@circuit-tuning/core';
import { circuitSvg, drawCss, escapeHtml, themeCss } from '@circuit-tuning/web/draw/static';
import { shown } from '../conduct.js';
import { reportCss } from './reportCss.js';
import { stabilitySections, survivalInWords } from './stabilitySections.js';

/** `core` is the stable core as a graph. */
export function stabilityHtml(record: StabilityRecord, core: GraphJson): string {
  const { model, task } = record;
  const { scored, resamples, seed, examples, select, graph, of_edges: of } = record;
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
${stabilitySections(record)
  .map(({ title, html }) => `<section><h2>${title}</h2>${html}</section>`)
  .join('\n')}
<section><h2>The stable core</h2>${record.core.edges > 0 ? circuitSvg(core, { top: 200, title: `${record.core.edges} stable edges` }) : '<p>No edge is stable: more examples, or a larger circuit, would be needed.</p>'}</section>
</main>
</body>
</html>
`;
}
