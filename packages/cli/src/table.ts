/** Numbers and tables for people. */

/** Four significant digits, and no more than a reader can compare. */
export function number(value: number | undefined): string {
  if (value === undefined) return '';
  if (!Number.isFinite(value)) return String(value);
  if (Number.isInteger(value)) return value.toLocaleString('en');
  const size = Math.abs(value);
  if (size >= 1e7 || size < 0.001) return value.toExponential(3);
  return size >= 1000 ? Math.round(value).toLocaleString('en') : String(Number(value.toPrecision(4)));
}

/** `0.25 ± 0.01`; of a single one there is no margin. */
export const withMargin = (mean: number, margin: number | undefined): string =>
  margin === undefined ? number(mean) : `${number(mean)} ± ${number(margin)}`;

export const percent = (share: number | undefined): string =>
  share === undefined ? '' : `${(100 * share).toFixed(1).replace(/^-0\.0$/, '0.0')}%`;

export function bytes(size: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
  const at = Math.min(units.length - 1, Math.floor(Math.log2(Math.max(1, size)) / 10));
  return `${Number((size / 1024 ** at).toPrecision(3))} ${units[at]}`;
}

/**
 * Columns aligned, the first to the left and the others to the right; a rule below the head.
 * @param groups by column what stands above its title, once for neighbours that share it; '' for nothing.
 */
export function table(
  head: readonly string[],
  rows: readonly (readonly string[])[],
  groups: readonly string[] = [],
): string {
  const widths = head.map((title, i) => Math.max(title.length, ...rows.map((row) => row[i]?.length ?? 0)));
  const spans: { text: string; first: number; width: number }[] = [];
  for (const [i, width] of widths.entries()) {
    const [text, last] = [groups[i] ?? '', spans.at(-1)];
    if (last?.text === text) last.width += 2 + width;
    else spans.push({ text, first: i, width });
  }
  // a group that is wider than its columns takes its room from the first of them
  for (const { text, first, width } of spans) widths[first]! += Math.max(0, text.length - width);
  const line = (cells: readonly string[]): string =>
    widths
      .map((width, i) => (i === 0 ? (cells[i] ?? '').padEnd(width) : (cells[i] ?? '').padStart(width)))
      .join('  ')
      .trimEnd();
  const above = spans.map(({ text, width }) => text.padStart(width)).join('  ');
  return (
    [
      ...(above.trim() ? [above.trimEnd()] : []),
      line(head),
      widths.map((width) => '─'.repeat(width)).join('  '),
      ...rows.map(line),
    ].join('\n') + '\n'
  );
}
