/** The experiment in the page's own address, if there is one: it is put into the editor, and nothing is started. */
import { troubleOf } from '../../engine/trouble.js';
import { showSetup } from './openFiles.js';
import { changeDraft, origin } from '../setup/draft.js';
import { readLink } from './share.js';
import { trouble } from '../state.js';

export async function openLinkOfPage(): Promise<void> {
  let text: string | undefined;
  try {
    text = await readLink(location.hash);
  } catch (error) {
    forget();
    trouble.value = troubleOf(error);
    return;
  }
  if (text === undefined) return;
  // a reload must not take away what was changed since
  forget();
  changeDraft(text);
  origin.value = 'This text came with the link. Look at it, and start it when you want to: nothing has started.';
  showSetup();
}

const forget = (): void => history.replaceState(undefined, '', location.pathname + location.search);
