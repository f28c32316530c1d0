/** The part of the report that analysis.json brings. */
import type { Analysis } from '@circuit-tuning/core';
import {
  concentrationTable,
  driftTable,
  escapeHtml,
  flipTable,
  headCharts,
  HOW_TO_READ_TRENDS,
  nodeMovementTable,
  sliceMovementTable,
  tableHtml,
  trendsInWords,
  trendsSvg,
  trendTable,
  turnoverTable,
  upstreamTable,
  verdictTable,
  type Table,
} from '@circuit-tuning/web/draw/static';
import { folded } from './folded.js';

/** Rows of each method, the most that a report is read for; CSV has all. */
const [TRENDS, NODES] = [30, 20];
/** Slices of a large model are thousands. */
const SLICES = 1000;

export function dynamicsSection(analysis: Analysis): string {
  const slices = sliceMovementTable(analysis);
  return [
    open(driftTable(analysis)),
    open(verdictTable(analysis)),
    trendsPart(analysis),
    headsPart(analysis),
    notes(analysis),
    fold('Turnover as a table', turnoverTable(analysis)),
    fold('Spread of the scores as a table', concentrationTable(analysis)),
    fold('Edges that grew and shrank, the clearest first', trendTable(analysis, TRENDS)),
    fold('What parts of the model add to the answer, and what became of it', flipTable(analysis, NODES)),
    fold('What heads depend on, the most first', upstreamTable(analysis, NODES)),
    fold('Which nodes moved', nodeMovementTable(analysis, NODES)),
    slices.rows.length <= SLICES ? fold('Which parameters moved, and in how many directions', slices) : '',
  ].join('');
}

/** Of methods that searched often enough. */
function trendsPart(analysis: Analysis): string {
  const drawn = analysis.methods.flatMap((method) => {
    const words = trendsInWords(method);
    return words === undefined ? [] : [`<p>${escapeHtml(words)}</p>${trendsSvg(method)}`];
  });
  return drawn.length > 0 ? `<p>${HOW_TO_READ_TRENDS}</p>${drawn.join('')}` : '';
}

const headsPart = (analysis: Analysis): string =>
  headCharts(analysis).length > 0
    ? '<p>What single parts of the model do where answers are read, at the steps that were looked at: the logits of good − bad that each writes straight, how much a head attends to the subject, and the cosine of what it would write of the subject with the direction of the answer. A head whose cosine or logits change sign is a “flip head”. Areas are 95 % intervals of the mean over examples.</p><div id="head-charts"></div>'
    : '';

const open = (table: Table): string => (table.rows.length > 0 ? tableHtml(table) : '');
const fold = (summary: string, table: Table): string =>
  table.rows.length > 0 ? folded(summary, tableHtml(table)) : '';

const notes = ({ notes: all }: Analysis): string =>
  all.length > 0 ? `<ul>${all.map((note) => `<li>${escapeHtml(note)}</li>`).join('')}</ul>` : '';
