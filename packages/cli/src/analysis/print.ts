/** Tables of an analysis as text for a terminal. */
import type { Table } from '@circuit-tuning/web/draw/static';
import { number, table } from '../table.js';

/** The caption above it; nothing for a table without rows. */
export function printedTable({ caption, columns, rows }: Table): string {
  if (rows.length === 0) return '';
  const cells = rows.map((row) =>
    row.map((cell) =>
      typeof cell === 'number' ? number(cell) : typeof cell === 'object' ? (cell?.text ?? '') : (cell ?? ''),
    ),
  );
  const [heads, groups] = [columns.map(({ head }) => head), columns.map(({ group = '' }) => group)];
  return `${caption}\n\n${table(heads, cells, groups)}`;
}
