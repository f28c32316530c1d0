/** Opening, saving and sharing: three buttons in the header, and the page itself as a place to drop things on. */
import { useSignal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import { copyLink } from './copyLink.js';
import { DropAnywhere } from './dropAnywhere.js';
import { openLinkOfPage } from './openLink.js';
import { openFiles } from './openFiles.js';
import { PickButton } from './pickButton.js';
import { RunList } from './runList.js';
import { saveRun } from './saveRun.js';
import { forHere } from '../setup/forHere.js';
import { asked, refreshRuns } from '../session.js';
import { checked, isLive, record, status } from '../state.js';
import { ToastView } from '../shell/toastView.js';
import './openSave.css';

export function OpenSave() {
  useEffect(() => {
    void openLinkOfPage();
    const again = (): void => void openLinkOfPage();
    addEventListener('hashchange', again);
    return () => removeEventListener('hashchange', again);
  }, []);
  const experiment = record.value?.experiment ?? asked.value?.text ?? checked.value?.experiment;
  return (
    <>
      <OpenMenu />
      <SaveButton />
      <button
        type="button"
        class="quiet"
        title="Copy a link to this experiment: its text only, never the model or the data"
        disabled={experiment === undefined}
        onClick={() => experiment !== undefined && void copyLink(forHere(experiment))}
      >
        Share
      </button>
      <DropAnywhere />
      <ToastView />
    </>
  );
}

function SaveButton() {
  const isSaving = useSignal(false);
  const { run } = status.value;
  const canSave = isLive.value && run !== undefined;
  const title = canSave
    ? 'Save the run as one .zip, which this page and the command line open'
    : record.value
      ? 'This run was opened from files: they are the saved run'
      : 'There is no run yet';
  return (
    <button
      type="button"
      class="quiet"
      title={title}
      disabled={!canSave || isSaving.value}
      onClick={() => {
        isSaving.value = true;
        void saveRun(run!, record.value?.name ?? 'run').finally(() => (isSaving.value = false));
      }}
    >
      {isSaving.value ? 'Saving …' : 'Save run'}
    </button>
  );
}

/** Runs in files, and runs that this browser keeps. */
function OpenMenu() {
  const menu = useRef<HTMLDivElement>(null);
  const isOpen = useSignal(false);
  const close = (): void => menu.current?.hidePopover();
  const open = (files: Parameters<typeof openFiles>[0]): void => {
    close();
    void openFiles(files);
  };
  return (
    <>
      <button
        type="button"
        class="quiet"
        popovertarget="open-menu"
        aria-haspopup="dialog"
        title="Open a run from files, or one that this browser kept"
      >
        Open…
      </button>
      <div
        ref={menu}
        id="open-menu"
        popover="auto"
        class="open-menu"
        role="dialog"
        aria-labelledby="open-title"
        onToggle={(event) => {
          isOpen.value = event.newState === 'open';
          if (isOpen.value) void refreshRuns();
        }}
      >
        <h2 id="open-title">Open a run</h2>
        <p class="hint">
          A folder that <code>circuit-tuning run</code> wrote, or a .zip that this page saved. Or drop it anywhere on
          the page.
        </p>
        <div class="row">
          <PickButton folder title="A run folder, with events.jsonl in it" onFiles={open}>
            Folder…
          </PickButton>
          <PickButton accept=".zip" title="A run as one .zip" onFiles={open}>
            Zip…
          </PickButton>
        </div>
        {isOpen.value && <RunList onChosen={close} />}
      </div>
    </>
  );
}
