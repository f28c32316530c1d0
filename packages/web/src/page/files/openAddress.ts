/** Opens the run that the page's address names: `?run=/run/` is a run folder on the server the page came from. */
import { openRun, type RunFiles } from '../../record/index.js';
import { signal } from '@preact/signals';
import { troubleOf } from '../../engine/trouble.js';
import { urlFolder } from '../../files.js';
import { show, trouble } from '../state.js';

/** Absolute address of the run folder; undefined where the address names none. */
export function runAddress(page: string): string | undefined {
  const run = new URL(page).searchParams.get('run');
  return run === null || run === '' ? undefined : new URL(run.endsWith('/') ? run : `${run}/`, page).href;
}

/** A server tells no names of a folder's files; events name all that a run's record needs. */
const runAt = (address: string): RunFiles => ({
  name: address,
  list: async () => [],
  open: (path) => {
    const cut = path.lastIndexOf('/') + 1;
    return urlFolder(address + path.slice(0, cut)).open(path.slice(cut));
  },
});

/** While it is read, nothing else is offered. */
export const isOpening = signal(false);

/** Whether there is a run now. */
export async function openAddress(address: string): Promise<boolean> {
  isOpening.value = true;
  try {
    const { record } = await openRun(runAt(address));
    show(record, false);
    return true;
  } catch (error) {
    trouble.value = troubleOf(error);
    return false;
  } finally {
    isOpening.value = false;
  }
}
