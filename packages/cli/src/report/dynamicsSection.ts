/** The part of the report that analysis.json brings. */
import type { Analysis } from '@circuit-tuning/core';
import {
  concentrationTable,
  driftTable,
  dynamicsOf,
  escapeHtml,
  nodeMovementTable,
  sliceMovementTable,
  tableHtml,
  trendTable,
  turnoverTable,
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
  const hasCourse = dynamicsOf(analysis).length > 0;
  return [
    hasCourse
      ? '<p>At each search edges enter the circuit and leave it. Entropy and Gini say whether the scores are spread over many edges or lie on few: entropy falls and Gini rises as few edges take over.</p><div id="dynamics-charts"></div>'
      : '',
    open(driftTable(analysis)),
    open(verdictTable(analysis)),
    notes(analysis),
    fold('Turnover as a table', turnoverTable(analysis)),
    fold('Spread of the scores as a table', concentrationTable(analysis)),
    fold('Edges that grew and shrank, the clearest first', trendTable(analysis, TRENDS)),
    fold('Which nodes moved', nodeMovementTable(analysis, NODES)),
    slices.rows.length <= SLICES ? fold('Which parameters moved, and in how many directions', slices) : '',
  ].join('');
}

const open = (table: Table): string => (table.rows.length > 0 ? tableHtml(table) : '');
const fold = (summary: string, table: Table): string =>
  table.rows.length > 0 ? folded(summary, tableHtml(table)) : '';

const notes = ({ notes: all }: Analysis): string =>
  all.length > 0 ? `<ul>${all.map((note) => `<li>${escapeHtml(note)}</li>`).join('')}</ul>` : '';
