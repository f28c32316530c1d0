import type { TaskTokenizer } from '../../src/task/index.js';

/**
 * A tokenizer small enough to count by hand: a token is a word with the space before it, '+' starts another token
 * inside a word, and ids are given in order of first use (from 10; 1 is bos).
 */
export function wordTokenizer({ addsBos = false, bosId }: { addsBos?: boolean; bosId?: number } = {}): TaskTokenizer {
  const ids = new Map<string, number>();
  const words = new Map<number, string>();
  const idOf = (word: string): number => {
    const id = ids.get(word) ?? 10 + ids.size;
    ids.set(word, id);
    words.set(id, word);
    return id;
  };
  return {
    addsBos,
    ...(bosId !== undefined && { bosId }),
    encode: (text, { addBos = addsBos } = {}) => [
      ...(addBos && bosId !== undefined ? [bosId] : []),
      ...(text.match(/ ?[^ +]+|\+[^ +]*| /g) ?? []).map(idOf),
    ],
    decode: (list) => list.map((id) => words.get(id) ?? '').join(''),
  };
}

export const jsonl = (...rows: readonly unknown[]): string => rows.map((row) => JSON.stringify(row)).join('\n');

/** The message of what `run` throws. */
export function messageOf(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  }
  return 'nothing was thrown';
}
