/** Step 3: the experiment as a text, checked while it is typed, with the usual settings as controls beside it. */
import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { copyLink } from '../files/copyLink.js';
import { start } from '../session.js';
import { record, status } from '../state.js';
import { builtInText, orTrouble } from './actions.js';
import { checkNow, isChecking, place, verdict } from './checking.js';
import { beginning, findOnly } from './choose.js';
import { canUndo, changeDraft, draft, isTouched, needs, origin, typeDraft, undoDraft } from './draft.js';
import { Editor } from './editor.js';
import { forHere } from './forHere.js';
import { Knobs } from './knobs.js';
import { VerdictView } from './verdictView.js';

const beginnings: readonly { readonly title: string; readonly what: string; readonly text: () => Promise<string> }[] = [
  {
    title: 'Find, tune and compare',
    what: 'What the Start button runs: short, with many searches to watch',
    text: () => builtInText('lab.yaml'),
  },
  {
    title: 'Only find a circuit',
    what: 'Which edges carry the task, and how much of it they carry alone. Nothing learns',
    text: async () => findOnly(await builtInText('lab.yaml')),
  },
  {
    title: 'The demo of the command line',
    what: 'The same as the first with more measurements and fewer searches',
    text: () => builtInText('demo.yaml'),
  },
];

export function ExperimentStep() {
  const goTo = useSignal<{ readonly line: number } | undefined>(undefined);
  useEffect(() => {
    void orTrouble(async () => {
      const text = await builtInText('lab.yaml');
      if (!isTouched.value) draft.value = text;
    });
  }, []);
  const begin = (text: () => Promise<string>): void =>
    void orTrouble(async () => {
      changeDraft(beginning(await text(), draft.value));
      origin.value = undefined;
    });
  const told = verdict.value?.text === draft.value ? verdict.value : undefined;
  const shown = record.value?.experiment;
  const isBusy = ['loading', 'running', 'paused'].includes(status.value.phase);
  return (
    <section class="setup-step" aria-labelledby="experiment-step">
      <h3 id="experiment-step">
        <span class="step-number">3</span> Experiment
      </h3>
      <p class="hint">
        All there is to say, as a text that the command line takes too. Steps 1 and 2 and the controls here only write
        in it.
      </p>
      <div class="row" role="group" aria-label="Begin with">
        <span class="hint">Begin with</span>
        {beginnings.map(({ title, what, text }) => (
          <button type="button" class="quiet chip" title={what} key={title} onClick={() => begin(text)}>
            {title}
          </button>
        ))}
        {shown !== undefined && (
          <button
            type="button"
            class="quiet chip"
            title="The experiment of the run that the page shows"
            onClick={() => changeDraft(forHere(shown))}
          >
            The run that is shown
          </button>
        )}
        {canUndo.value && (
          <button type="button" title="The text as it was before the last control" onClick={undoDraft}>
            ↶ Undo
          </button>
        )}
      </div>
      {origin.value !== undefined && <p class="origin">{origin.value}</p>}
      <div class="experiment">
        <div>
          <Editor
            label="Experiment, YAML"
            text={draft}
            onText={typeDraft}
            markedLine={place.value?.line}
            describedBy="verdict"
            goTo={goTo}
          />
          <p class="hint">Tab indents; Escape, then Tab, leaves the text.</p>
        </div>
        <div class="beside">
          <Knobs />
          <VerdictView onLine={(line) => (goTo.value = { line })} />
          <div class="row actions">
            <button
              type="button"
              class="primary"
              disabled={told?.facts === undefined || needs.value.length > 0}
              title={told?.facts ? 'Starts the run in this tab' : 'First the text has to be right'}
              onClick={() => void run()}
            >
              {isBusy ? 'Run this instead' : 'Run this'}
            </button>
            <button type="button" onClick={() => void checkNow()} disabled={isChecking.value}>
              Check
            </button>
            <button
              type="button"
              title="A link with this text in it: never the model, never the data"
              onClick={() => void copyLink(draft.value)}
            >
              Copy link
            </button>
          </div>
        </div>
      </div>
    </section>
  );
}

async function run(): Promise<void> {
  origin.value = undefined;
  // the space bar pauses the run from now on: on the button that was pressed it would begin another
  document.querySelector('main')?.focus({ preventScroll: true });
  await start({ text: draft.value });
  scrollTo({ top: 0, behavior: 'smooth' });
}
