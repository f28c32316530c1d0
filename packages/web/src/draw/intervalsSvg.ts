/** Values with their intervals as one SVG, a row each: a dot for the value, a line from end to end. */
import { escapeHtml, formatNumber } from './table.js';
import type { Palette } from './theme.js';

export interface IntervalRow {
  readonly name: string;
  readonly value: number;
  /** Null where that side has no bound: the line is dashed and ends with the picture. */
  readonly low: number | null;
  readonly high: number | null;
  readonly colour: keyof Palette;
  /** A filled dot or a ring: what must be told apart without colours. */
  readonly isFilled: boolean;
  /** The row in words, for whoever points at it. */
  readonly words: string;
}

export interface IntervalOptions {
  readonly title: string;
  /** What the values are, below them. */
  readonly axis?: string;
  /** CSS pixels; 760 unless told. */
  readonly width?: number;
  /** Rows are buttons that tell their `name` as `data-name`, for a page that listens. */
  readonly isPickable?: boolean;
}

const [ROW, HEAD, FOOT] = [18, 22, 30];
/** Room between the labels of an axis. */
const APART = 44;

/** Colours are those of the page around it. */
export function intervalsSvg(rows: readonly IntervalRow[], options: IntervalOptions): string {
  const { title, axis, width = 760, isPickable = false } = options;
  const label = Math.min(190, 0.42 * width);
  const ends = rows.flatMap(({ low, high, value }) => [low ?? value, high ?? value, 0]);
  const [least, most] = [Math.min(...ends), Math.max(...ends)];
  const scale = (width - label - 20) / (most - least || 1);
  const x = (value: number): number => Number((label + 10 + (value - least) * scale).toFixed(1));
  const bottom = HEAD + ROW * rows.length + 6;
  const height = bottom + (axis === undefined ? 0 : FOOT);
  const drawn = rows.map(({ name, value, low, high, colour: of, isFilled, words }, i) => {
    const y = HEAD + ROW * i + ROW / 2;
    const colour = `var(--${of})`;
    const dash = low === null || high === null ? ' stroke-dasharray="2 4"' : '';
    const button = isPickable ? ` tabindex="0" role="button" data-name="${escapeHtml(name)}"` : '';
    return (
      `<g${button}><title>${escapeHtml(words)}</title><text x="${label}" y="${y + 4}" text-anchor="end">${escapeHtml(name)}</text>` +
      `<path d="M${x(low ?? least)} ${y}H${x(high ?? most)}" stroke="${colour}" stroke-width="2"${dash}/>` +
      `<circle cx="${x(value)}" cy="${y}" r="4.5" fill="${isFilled ? colour : 'var(--paper)'}" stroke="${colour}" stroke-width="2"/></g>`
    );
  });
  const zero = x(0);
  // an end beside 0 would be written over it
  const marks = [least, most].filter((end) => Math.abs(x(end) - zero) > APART);
  const texts = [0, ...marks].map(
    (value) =>
      `<text x="${x(value)}" y="12" text-anchor="${value > 0 ? 'end' : value < 0 ? 'start' : 'middle'}">${formatNumber(value, 2)}</text>`,
  );
  const words =
    axis === undefined
      ? ''
      : `<text x="${width - 10}" y="${bottom + 18}" text-anchor="end" style="fill:var(--muted)">${escapeHtml(axis)}</text>`;
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" role="${isPickable ? 'group' : 'img'}" aria-label="${escapeHtml(title)}" style="max-width:100%;height:auto;font:11px system-ui,sans-serif;fill:var(--ink)">` +
    `<path d="M${zero} ${HEAD - 6}V${bottom}" stroke="var(--muted)" stroke-dasharray="3 3"/>${texts.join('')}${drawn.join('')}${words}</svg>`
  );
}
