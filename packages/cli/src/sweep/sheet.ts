/** The results of a sweep as columns and rows, whoever writes them down: Markdown, CSV, HTML. */
import type { SeedMean, SweepDifference, SweepRow } from '@circuit-tuning/core';

export type SheetCell = string | number | SeedMean | undefined;

export interface Sheet {
  readonly heads: readonly string[];
  readonly rows: readonly (readonly SheetCell[])[];
}

/** Numbers of outcomes in the order of reading, by what a column calls them. */
const titles: readonly (readonly [key: string, title: string])[] = [
  ['target', 'target'],
  ['accuracy', 'accuracy'],
  ['perplexity_factor', 'perplexity grew by'],
];
const later: readonly (readonly [key: string, title: string])[] = [
  ['tuned', 'parameters tuned'],
  ['moved', 'parameters moved'],
  ['nodes', 'nodes'],
  ['edges', 'edges'],
  ['jaccard_first', 'overlap with the first circuit'],
];

const brief: readonly string[] = ['target', 'accuracy', 'perplexity_factor', 'tuned', 'nodes'];

/** Of the rows' numbers, those that any row has, texts between what was learnt and what it took. */
function columnsOf(rows: readonly { readonly numbers: Readonly<Record<string, SeedMean>> }[]) {
  const present = new Set(rows.flatMap(({ numbers }) => Object.keys(numbers)));
  const texts = [...present].filter((key) => key.startsWith('perplexity.'));
  return [
    ...titles,
    ...texts.map((key) => [key, `perplexity of ${key.slice('perplexity.'.length)}`] as const),
    ...later,
  ].filter(([key]) => present.has(key));
}

/**
 * @param isBrief leaves out each text's own perplexity and what only a closer look asks for.
 * @param bound that of the search for a rate, which names the column of what is reached there.
 */
export function resultsSheet(
  axes: readonly string[],
  rows: readonly SweepRow[],
  { isBrief = false, bound }: { isBrief?: boolean; bound?: number | undefined } = {},
): Sheet {
  const columns = columnsOf(rows).filter(([key]) => !isBrief || brief.includes(key));
  const hasRate = rows.some(({ learning_rate: rate }) => rate !== undefined);
  const hasReached = rows.some(({ at_bound: reached }) => reached !== undefined);
  const hasDiverged = rows.some(({ diverged }) => diverged > 0);
  return {
    heads: [
      ...axes,
      ...(hasRate ? ['learning rate'] : []),
      ...columns.map(([, title]) => title),
      ...(hasReached ? [`target at ×${bound}`] : []),
      'seeds',
      ...(hasDiverged ? ['diverged'] : []),
    ],
    rows: rows.map((row) => [
      ...axes.map((axis) => row.values[axis]),
      ...(hasRate ? [row.learning_rate] : []),
      ...columns.map(([key]) => row.numbers[key]),
      ...(hasReached ? [row.at_bound === undefined ? undefined : { mean: row.at_bound, n: 1 }] : []),
      row.seeds,
      ...(hasDiverged ? [row.diverged] : []),
    ]),
  };
}

export function differencesSheet(axes: readonly string[], differences: readonly SweepDifference[]): Sheet {
  const columns = columnsOf(differences).filter(([key]) => titles.some(([known]) => known === key) || key === 'tuned');
  return {
    heads: [...axes, 'minus', ...columns.map(([, title]) => `difference: ${title}`), 'pairs'],
    rows: differences.map(({ values, with: other, numbers }) => [
      ...axes.map((axis) => values[axis]),
      other,
      ...columns.map(([key]) => numbers[key]),
      numbers.target?.n ?? 0,
    ]),
  };
}

const isEstimate = (cell: SheetCell): cell is SeedMean => typeof cell === 'object';

/** `−4.20 ± 0.31`: as many digits as the half-width has to say. */
export function cellText(cell: SheetCell): string {
  if (cell === undefined) return '';
  if (typeof cell === 'string') return cell;
  if (!isEstimate(cell)) return signed(String(cell));
  const { mean, half } = cell;
  if (half === undefined) return signed(plain(mean, 4));
  // two digits of the half-width, and the mean as far
  const places = half > 0 ? Math.max(0, 1 - Math.floor(Math.log10(half))) : 2;
  const shown = Math.min(places, Math.abs(mean) >= 1000 ? 0 : 4);
  return `${signed(grouped(mean.toFixed(shown)))} ± ${grouped(half.toFixed(shown))}`;
}

const plain = (value: number, digits: number): string =>
  Math.abs(value) >= 1000 ? grouped(value.toFixed(0)) : String(Number(value.toPrecision(digits)));
/** A true minus; nought has none. */
const signed = (text: string): string => text.replace(/^-(?=[0.]*$)/, '').replace(/^-/, '−');
const grouped = (text: string): string => text.replace(/\B(?=(\d{3})+(?!\d))(?<!\.\d*)/g, ',');

export const markdownOf = ({ heads, rows }: Sheet): string =>
  [heads, heads.map((_, i) => (i === 0 ? '---' : '---:')), ...rows.map((row) => row.map(cellText))]
    .map((cells) => `| ${cells.join(' | ')} |\n`)
    .join('');

/** Means and both ends of their intervals as columns of their own. */
export function csvOf({ heads, rows }: Sheet): string {
  const wide = heads.map((_, i) => rows.some((row) => isEstimate(row[i])));
  const head = heads.flatMap((title, i) => (wide[i] ? [title, `${title}: low`, `${title}: high`] : [title]));
  const lines = rows.map((row) =>
    row.flatMap((cell, i) => {
      if (!wide[i]) return [cell === undefined ? '' : String(cell)];
      if (!isEstimate(cell)) return ['', '', ''];
      const { mean, half } = cell;
      return half === undefined ? [`${mean}`, '', ''] : [`${mean}`, `${mean - half}`, `${mean + half}`];
    }),
  );
  const quoted = (text: string): string => (/[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
  return [head, ...lines].map((cells) => `${cells.map(quoted).join(',')}\n`).join('');
}
