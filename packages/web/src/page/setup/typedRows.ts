/** Rows that are typed by hand, as the file that they make. */
export interface TypedRow {
  readonly clean: string;
  readonly corrupt: string;
  /** Words separated by commas. */
  readonly right: string;
  readonly wrong: string;
}

export const emptyRow: TypedRow = { clean: '', corrupt: '', right: '', wrong: '' };

export const isEmptyRow = (row: TypedRow): boolean => Object.values(row).every((it: string) => it.trim() === '');

/** Tokenizers join a space to the word after it, so that ` is`, with the space, follows `The key`. */
const answersOf = (typed: string): string[] =>
  typed
    .split(',')
    .map((word) => word.trim())
    .filter((word) => word !== '')
    .map((word) => ` ${word}`);

/** A line for each row, line 1 the first: what is left empty is left out, so that the check can say what is missing. */
export function rowsText(rows: readonly TypedRow[]): string {
  const lines = rows.map((row) => {
    const { clean, corrupt, right, wrong } = row;
    if (isEmptyRow(row)) return '';
    return JSON.stringify({
      clean: clean.trim(),
      ...(corrupt.trim() !== '' && { corrupt: corrupt.trim() }),
      answers: answersOf(right),
      ...(wrong.trim() !== '' && { wrong_answers: answersOf(wrong) }),
    });
  });
  return `${lines.join('\n')}\n`;
}
