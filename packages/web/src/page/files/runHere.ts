/** Runs the experiment of a run from elsewhere in this tab; where something is missing for it, shows what. */
import { showSetup } from './openFiles.js';
import { start } from '../session.js';
import { orTrouble, refreshModels } from '../setup/actions.js';
import { changeDraft, draft, needs, origin } from '../setup/draft.js';
import { forHere } from '../setup/forHere.js';

export const runHere = (experiment: string): Promise<void | undefined> =>
  orTrouble(async () => {
    await refreshModels();
    changeDraft(forHere(experiment));
    if (needs.value.length === 0) return start({ text: draft.value });
    origin.value = 'This is the experiment of the run that was opened.';
    showSetup();
  });
