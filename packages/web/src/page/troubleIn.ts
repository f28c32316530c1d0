/** Whatever was thrown, as the page shows it: errors of ours bring their parts and the cure. */
import type { Trouble } from '../engine/protocol.js';

export function troubleIn(error: unknown): Trouble {
  if (!(error instanceof Error)) return { kind: 'Error', message: String(error) };
  const { name, message } = error;
  return { ...error, kind: name, message };
}
