/** Tables as files for other programs: CSV for all, Parquet for those that want types. */
import { parquetWriteBuffer } from 'hyparquet-writer';
import type { Cell, Table } from '@circuit-tuning/web/draw/static';
import { writeFile } from '../files.js';

export const tableFormats = ['csv', 'parquet'] as const;
export type TableFormat = (typeof tableFormats)[number];

/** `<start>.<name>.csv` and its like; a table without rows is its head. */
export async function writeTables(
  start: string,
  tables: Readonly<Record<string, Table>>,
  format: TableFormat,
): Promise<void> {
  for (const [name, table] of Object.entries(tables))
    await writeFile(`${start}.${name}.${format}`, format === 'csv' ? csv(table) : parquet(table));
}

/** RFC 4180, with full digits; a name that a spreadsheet would take for a formula cannot come, they begin with a letter. */
export function csv(table: Table): string {
  const lines = table.rows.map((row) => row.map((cell) => String(valueOf(cell) ?? '')));
  return [headsOf(table), ...lines].map((line) => `${line.map(quoted).join(',')}\r\n`).join('');
}

/** One row group; numbers as DOUBLE, all else as UTF-8 strings, what is not there as null. Columns are named as in CSV. */
export function parquet(table: Table): Uint8Array<ArrayBuffer> {
  const heads = headsOf(table);
  const columnData = table.columns.map(({ isNumber = false }, i) => ({
    name: heads[i]!,
    type: isNumber ? ('DOUBLE' as const) : ('STRING' as const),
    nullable: true,
    data: table.rows.map((row) => {
      const value = valueOf(row[i]);
      return value === undefined ? null : isNumber ? Number(value) : String(value);
    }),
  }));
  return new Uint8Array(parquetWriteBuffer({ columnData, kvMetadata: [{ key: 'caption', value: table.caption }] }));
}

const headsOf = ({ columns }: Table): string[] =>
  columns.map(({ head, group }) => (group === undefined ? head : `${group} ${head}`));

const valueOf = (cell: Cell): string | number | undefined =>
  (typeof cell === 'object' ? cell?.value : cell) ?? undefined;

const quoted = (cell: string): string => (/[",\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell);
