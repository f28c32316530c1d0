/** A kept run as a file of the reader's. */
import { troubleOf } from '../../engine/trouble.js';
import { lab } from '../session.js';
import { trouble } from '../state.js';

export async function saveRun(run: string, name: string): Promise<void> {
  try {
    const blob = await (await lab()).save(run);
    const link = document.createElement('a');
    link.href = URL.createObjectURL(blob);
    link.download = `${name}.zip`;
    link.click();
    // the download has its own hold on the blob by then
    setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
  } catch (error) {
    trouble.value = troubleOf(error);
  }
}
