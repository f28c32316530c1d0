/** Opens the run that the page's address names: `?run=/run/` is a run folder on the server the page came from. */
import { filesAt, openRun } from '../../record/index.js';
import { signal } from '@preact/signals';
import { troubleOf } from '../../engine/trouble.js';
import { opened } from '../opened.js';
import { show, trouble } from '../state.js';

/** Absolute address of the run folder; undefined where the address names none. */
export function runAddress(page: string): string | undefined {
  const run = new URL(page).searchParams.get('run');
  return run === null || run === '' ? undefined : new URL(run.endsWith('/') ? run : `${run}/`, page).href;
}

/** While it is read, nothing else is offered. */
export const isOpening = signal(false);

/** Whether there is a run now. */
export async function openAddress(address: string): Promise<boolean> {
  isOpening.value = true;
  try {
    const place = { address };
    const { record } = await openRun(await filesAt(place));
    show(record, false);
    opened.value = { place };
    return true;
  } catch (error) {
    trouble.value = troubleOf(error);
    return false;
  } finally {
    isOpening.value = false;
  }
}
