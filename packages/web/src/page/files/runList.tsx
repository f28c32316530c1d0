/** Runs that this browser keeps: to look at, to go on with, to save, to remove. */
import { computed, signal } from '@preact/signals';
import type { KeptRun } from '../../engine/protocol.js';
import { troubleOf } from '../../engine/trouble.js';
import { inBytes } from '../../storage/room.js';
import { showRun } from './openFiles.js';
import { saveRun } from './saveRun.js';
import { goOn, keptRuns, lab, removeRun, showLive } from '../session.js';
import { status, trouble } from '../state.js';
import { toast } from '../shell/toast.js';

/** Removed, as the reader sees it; really gone when the way back has been passed by. */
const leaving = signal<ReadonlySet<string>>(new Set());
const listed = computed(() => keptRuns.value.filter(({ id }) => !leaving.value.has(id)));
const UNDO_TIME = 8000;

export function RunList({ onChosen }: { readonly onChosen: () => void }) {
  const bytes = listed.value.reduce((sum, run) => sum + run.bytes, 0);
  if (listed.value.length === 0) return <p class="hint">This browser keeps no runs yet.</p>;
  return (
    <>
      <h3>Kept in this browser</h3>
      <ul class="run-list">
        {listed.value.map((run) => (
          <RunLine run={run} key={run.id} onChosen={onChosen} />
        ))}
      </ul>
      <p class="hint">{inBytes(bytes)} in all.</p>
    </>
  );
}

function RunLine({ run, onChosen }: { readonly run: KeptRun; readonly onChosen: () => void }) {
  const { id, name, bytes } = run;
  const isHere = status.value.run === id && status.value.phase !== 'idle';
  const isElsewhere = run.status === 'running' && !isHere;
  const why = whyNotOn(run);
  return (
    <li>
      <div>
        <strong>{name}</strong> <span class="hint">{about(run, isHere)}</span>
      </div>
      <div class="row">
        <button
          type="button"
          onClick={() => {
            onChosen();
            if (isHere) showLive();
            else void openKept(run);
          }}
        >
          {isHere ? 'Show' : 'Open'}
        </button>
        {run.status !== 'done' && !isHere && (
          <button
            type="button"
            disabled={why !== undefined}
            title={why ?? 'From its last checkpoint'}
            onClick={() => {
              onChosen();
              void goOn(id);
            }}
          >
            Go on
          </button>
        )}
        <button type="button" class="quiet" title="As one .zip" onClick={() => void saveRun(id, name)}>
          Save
        </button>
        <button
          type="button"
          class="quiet"
          disabled={isHere || isElsewhere}
          title={isHere ? 'It is the run of this tab' : isElsewhere ? ELSEWHERE : `Frees ${inBytes(bytes)}`}
          onClick={() => remove(run)}
        >
          Remove
        </button>
      </div>
    </li>
  );
}

const ELSEWHERE = 'It is running in another tab';

const whyNotOn = ({ status: how, canGoOn }: KeptRun): string | undefined =>
  how === 'running' ? ELSEWHERE : canGoOn ? undefined : 'Its model or its data is not here any more: add it first';

const words: Readonly<Record<KeptRun['status'], string>> = {
  running: 'running in another tab',
  done: 'done',
  interrupted: 'cut short',
  failed: 'failed',
};

function about({ started, status: how, step, of, bytes }: KeptRun, isHere: boolean): string {
  const when = new Date(started).toLocaleString(undefined, { dateStyle: 'medium', timeStyle: 'short' });
  const far = how === 'done' ? 'done' : `${isHere ? 'in this tab' : words[how]} at step ${step} of ${of}`;
  return `${when} · ${far} · ${inBytes(bytes)}`;
}

/** Through the file that it would be saved as: the worker alone may read what the browser keeps. */
async function openKept({ id, name }: KeptRun): Promise<void> {
  try {
    await showRun({ zip: await (await lab()).save(id), name });
  } catch (error) {
    trouble.value = troubleOf(error);
  }
}

function remove({ id, name, bytes }: KeptRun): void {
  const stay = (): void => {
    leaving.value = new Set([...leaving.value].filter((it) => it !== id));
  };
  leaving.value = new Set([...leaving.value, id]);
  const timer = setTimeout(() => void removeRun(id).finally(stay), UNDO_TIME);
  toast(`${name} is removed: ${inBytes(bytes)} are free.`, {
    label: 'Undo',
    does: () => {
      clearTimeout(timer);
      stay();
    },
  });
}
