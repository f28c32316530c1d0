/** Tables of an analysis as text for a terminal, and as CSV. */
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

/** RFC 4180, with full digits; a name that a spreadsheet would take for a formula cannot come, they begin with a letter. */
export function csv({ columns, rows }: Table): string {
  const heads = columns.map(({ head, group }) => (group === undefined ? head : `${group} ${head}`));
  const lines = rows.map((row) =>
    row.map((cell) => (typeof cell === 'object' ? String(cell?.value ?? '') : String(cell ?? ''))),
  );
  return [heads, ...lines].map((line) => `${line.map(quoted).join(',')}\r\n`).join('');
}

const quoted = (cell: string): string => (/[",\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell);
