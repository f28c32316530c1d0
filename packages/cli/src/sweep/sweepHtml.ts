/** sweep.html: plots and tables of a sweep in one file that needs no network and no script. */
import type { GroupResult, SweepPlan, SweepRow } from '@circuit-tuning/core';
import { drawCss, escapeHtml, tableHtml, themeCss } from '@circuit-tuning/web/draw/static';
import { reportCss } from '../report/reportCss.js';
import { plotSvg } from './plot.js';
import { cellText, type Sheet } from './sheet.js';
import { tradeoffSvg } from './tradeoff.js';

export interface SweepPage {
  readonly plan: Pick<SweepPlan, 'name' | 'search' | 'text'>;
  readonly groups: readonly GroupResult[];
  readonly rows: readonly SweepRow[];
  readonly results: Sheet;
  readonly differences: Sheet;
  /** What is said below the title: budget, rule, metric. */
  readonly words: readonly string[];
}

const plotted = [
  ['target', 'Target metric'],
  ['perplexity_factor', 'Perplexity of what is kept: factor'],
  ['tuned', 'Parameters tuned'],
  ['nodes', 'Nodes of the circuit'],
] as const;

export function sweepHtml({ plan, groups, rows, results, differences, words }: SweepPage): string {
  const plots = plotted.flatMap(([key, title]) => plotSvg(rows, key, title) ?? []);
  const tradeoff = plan.search && tradeoffSvg(groups, plan.search);
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>${escapeHtml(plan.name)}: circuit-tuning sweep</title>
<style>${themeCss}${drawCss}${reportCss}
.charts svg,.tradeoff svg{width:100%;height:auto}</style>
</head>
<body>
<main>
<header><p class="kind">circuit-tuning sweep</p><h1>${escapeHtml(plan.name)}</h1></header>
${words.map((line) => `<p>${escapeHtml(line)}</p>`).join('\n')}
${tradeoff === undefined ? '' : `<section class="tradeoff">${tradeoff}</section>`}
<section class="charts">${plots.join('\n')}</section>
<section><h2>Results</h2>${html(results, 'Means over seeds, with 95% intervals')}</section>
${differences.rows.length === 0 ? '' : `<section><h2>Differences</h2>${html(differences, 'Seed by seed, with 95% intervals')}</section>`}
<details><summary>The experiment</summary><pre tabindex="0">${escapeHtml(plan.text)}</pre></details>
</main>
</body>
</html>
`;
}

const html = ({ heads, rows }: Sheet, caption: string): string =>
  tableHtml({
    caption,
    columns: heads.map((head, i) => ({ head, isNumber: i > 0 })),
    rows: rows.map((row) => row.map(cellText)),
  });
