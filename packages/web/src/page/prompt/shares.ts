/** Answers to a prompt, token by token, as rows that stand side by side. */
import type { PromptAnswer, TokenShare } from '../../engine/protocol.js';

export type Column = 'base' | 'tuned' | 'off';

export interface ShareRow {
  readonly id: number;
  readonly text: string;
  /** In [0, 1]; absent where the token is not among the likeliest of that column. */
  readonly shares: Readonly<Partial<Record<Column, number>>>;
}

/** The likeliest tokens of any column, by their largest share; ties keep the vocabulary's order. */
export function shareRows({ base, tuned, off }: PromptAnswer, most: number): ShareRow[] {
  const rows = new Map<number, { id: number; text: string; shares: Partial<Record<Column, number>> }>();
  const take = (column: Column, tokens: readonly TokenShare[] = []): void => {
    for (const { id, text, share } of tokens) {
      if (!rows.has(id)) rows.set(id, { id, text, shares: {} });
      rows.get(id)!.shares[column] = share;
    }
  };
  take('base', base);
  take('tuned', tuned);
  take('off', off);
  const largest = ({ shares }: ShareRow): number => Math.max(...Object.values(shares));
  return [...rows.values()].sort((a, b) => largest(b) - largest(a) || a.id - b.id).slice(0, most);
}

/** `62%`, `0.4%`, `<0.1%`. */
export function shareText(share: number): string {
  const percent = 100 * share;
  if (percent < 0.1) return '<0.1%';
  return percent < 9.95 ? `${percent.toFixed(1)}%` : `${Math.round(percent)}%`;
}

/** `+31` or `−12` points of a hundred; undefined where it is less than one. */
export function changeText(from: number, to: number): string | undefined {
  const points = Math.round(100 * (to - from));
  if (points === 0) return undefined;
  return points > 0 ? `+${points}` : `−${-points}`;
}

/** A token with what would not be seen: a leading space, which most words have, and ends of lines. */
export const visible = (text: string): string => text.replaceAll('\n', '↵').replace(/^ /, '␣');
