/** Tables as HTML text, so that Node can write them into a file and a page can put them in place; sorting needs the page. */
export interface Column {
  readonly head: string;
  /** Numbers are aligned on the right. */
  readonly isNumber?: boolean;
  /** Significant digits; 4 unless told. */
  readonly digits?: number;
  /** Columns that follow each other with the same group share a heading above theirs. */
  readonly group?: string;
  /** Longer words for what the heading means. */
  readonly title?: string;
}

/** A number is shown by `formatNumber`; undefined and null as a dash; `value` is what a text is sorted by. */
export type Cell = string | number | null | undefined | { readonly text: string; readonly value: number };

export interface Table {
  readonly caption: string;
  readonly columns: readonly Column[];
  readonly rows: readonly (readonly Cell[])[];
  /** Shows the caption only to screen readers, where a heading above says the same. */
  readonly hideCaption?: boolean;
}

const escapes: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};
export const escapeHtml = (text: string): string => text.replace(/[&<>"']/g, (character) => escapes[character]!);

/**
 * Four significant digits unless told; whole numbers and those of a thousand or more whole, with thin spaces between
 * thousands; a real minus sign.
 */
export function formatNumber(value: number, digits = 4): string {
  if (Number.isNaN(value)) return 'not a number';
  if (!Number.isFinite(value)) return value > 0 ? '∞' : '−∞';
  const size = Math.abs(value);
  const text =
    Number.isInteger(value) || size >= 1000
      ? Math.round(size)
          .toString()
          .replace(/\B(?=(\d{3})+$)/g, '\u202f')
      : size >= 1e-3
        ? size.toPrecision(digits)
        : size.toExponential(2).replace(/e-(\d+)/, (_, digits: string) => `·10⁻${superscript(digits)}`);
  return value < 0 && text !== '0' ? `−${text}` : text;
}

const superscript = (digits: string): string => Array.from(digits, (digit) => '⁰¹²³⁴⁵⁶⁷⁸⁹'[Number(digit)]!).join('');

export function formatCell(cell: Cell, digits?: number): string {
  if (cell === undefined || cell === null) return '–';
  if (typeof cell === 'number') return formatNumber(cell, digits);
  return typeof cell === 'string' ? cell : cell.text;
}

export function tableHtml({ caption, columns, rows, hideCaption = false }: Table): string {
  const groups: { text: string; span: number }[] = [];
  for (const { group = '' } of columns) {
    const last = groups.at(-1);
    if (last && last.text === group) last.span++;
    else groups.push({ text: group, span: 1 });
  }
  const groupRow = groups.some(({ text }) => text)
    ? `<tr class="groups">${groups.map(({ text, span }) => (text ? `<th colspan="${span}" scope="colgroup">${escapeHtml(text)}</th>` : `<td colspan="${span}"></td>`)).join('')}</tr>`
    : '';
  const heads = columns.map(
    ({ head, isNumber, title }) =>
      `<th scope="col"${isNumber ? ' class="number"' : ''}${title ? ` title="${escapeHtml(title)}"` : ''}>${escapeHtml(head)}</th>`,
  );
  const body = rows.map((row) => {
    const cells = row.map((cell, i) => {
      // sorting goes by the number, not by its rounded text
      const value = typeof cell === 'object' ? cell?.value : cell;
      const exact = typeof value === 'number' ? ` data-value="${value}"` : '';
      const style = columns[i]?.isNumber ? ' class="number"' : '';
      return i === 0
        ? `<th scope="row"${style}${exact}>${escapeHtml(formatCell(cell, columns[i]?.digits))}</th>`
        : `<td${style}${exact}>${escapeHtml(formatCell(cell, columns[i]?.digits))}</td>`;
    });
    return `<tr>${cells.join('')}</tr>`;
  });
  return `<div class="table" tabindex="0" role="region" aria-label="${escapeHtml(caption)}"><table><caption${hideCaption ? ' class="unseen"' : ''}>${escapeHtml(caption)}</caption><thead>${groupRow}<tr>${heads.join('')}</tr></thead><tbody>${body.join('')}</tbody></table></div>`;
}
