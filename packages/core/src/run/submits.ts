/**
 * Where a replayed plan is cut into submits. Few are cheap: making, ending and submitting one takes the host as long as 12 to
 * 25 dispatches do (`pnpm bench host`). Short ones keep a page alive, let a run stop soon, and keep a GPU's watchdog quiet.
 */
import type { Dispatch } from '../plan/plan.js';

/** From dispatch `start` up to `end`, which is not in it. */
export interface Submit {
  readonly start: number;
  readonly end: number;
}

/** Where others wait for the device too (`maxInFlight`), and where nobody does. */
const SHARED_DISPATCHES = 64;
const OWN_DISPATCHES = 128;

/** Half a second of products on two cores, a tenth of a second on the GPU of a laptop. */
const MOST_FLOPS = 32e9;

/** What all submits but the last are a multiple of: WebGPU resolves timestamps, 2 · 8 bytes of each, to multiples of 256 bytes. */
const BLOCK = 16;

/** The most dispatches in one submit. */
export const mostDispatches = (isShared: boolean): number => (isShared ? SHARED_DISPATCHES : OWN_DISPATCHES);

/** As long as they may be; one block of dispatches may exceed the operations, since less than one is never sent. */
export function submitsOf(dispatches: readonly Pick<Dispatch, 'flops'>[], isShared: boolean): Submit[] {
  const most = mostDispatches(isShared);
  const submits: Submit[] = [];
  let start = 0;
  let flops = 0;
  for (let from = 0; from < dispatches.length; from += BLOCK) {
    const end = Math.min(dispatches.length, from + BLOCK);
    const block = dispatches.slice(from, end).reduce((sum, dispatch) => sum + dispatch.flops, 0);
    if (from > start && (end - start > most || flops + block > MOST_FLOPS)) {
      submits.push({ start, end: from });
      start = from;
      flops = 0;
    }
    flops += block;
  }
  if (start < dispatches.length) submits.push({ start, end: dispatches.length });
  return submits;
}
