/** A command as it is typed, and what came of it. */
import { vi } from 'vitest';
import { main } from '../../src/program.js';

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
