/** A command as it is typed, and what came of it. */
import { expect, vi } from 'vitest';
import { main } from '../src/program.js';
import type { Workplace } from './tiny.js';

export interface Ended {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

export async function type(...argv: string[]): Promise<Ended> {
  const written = { out: '', err: '' };
  const into = (key: 'out' | 'err') => (chunk: string | Uint8Array) => {
    written[key] += String(chunk);
    return true;
  };
  vi.spyOn(process.stdout, 'write').mockImplementation(into('out'));
  vi.spyOn(process.stderr, 'write').mockImplementation(into('err'));
  const code = await main(argv);
  vi.restoreAllMocks();
  return { code, ...written };
}

/** What a command printed with --json. */
export const json = ({ code, out, err }: Ended): Record<string, unknown> => {
  expect(err).not.toContain('error');
  expect(code).toBe(0);
  return JSON.parse(out) as Record<string, unknown>;
};
/** The flags that every command on a workplace begins with. */
export const on = ({ model, task }: Workplace): string[] => ['--model', model, '--task', task];
