/** A model from the Hugging Face hub: first what it would take, and only after a click the download. */
import { signal, useSignal } from '@preact/signals';
import type { HubFacts, Trouble } from '../../engine/protocol.js';
import { troubleOf } from '../../engine/trouble.js';
import { persist } from '../../storage/persist.js';
import { inBytes } from '../../storage/room.js';
import { lab, progress } from '../session.js';
import { toast } from '../shell/toast.js';
import { refreshModels } from './actions.js';
import { withModel } from './choose.js';
import { changeDraft, draft, models } from './draft.js';
import { ErrorText } from './errorText.js';

/** What is typed; links and lists of needs put a name here too, and never more than that. */
export const hubId = signal('');
const facts = signal<HubFacts | undefined>(undefined);

export function HubModel() {
  const isBusy = useSignal<'asking' | 'downloading' | undefined>(undefined);
  const failed = useSignal<Trouble | undefined>(undefined);
  const id = hubId.value.trim();
  const ask = async (): Promise<void> => {
    if (id === '') return;
    isBusy.value = 'asking';
    failed.value = undefined;
    facts.value = undefined;
    try {
      facts.value = await (await lab()).hubFacts(id);
    } catch (error) {
      failed.value = troubleOf(error);
    }
    isBusy.value = undefined;
  };
  const download = async (): Promise<void> => {
    isBusy.value = 'downloading';
    failed.value = undefined;
    try {
      const known = await (await lab()).download(id);
      if (known.isKept) void persist();
      await refreshModels();
      changeDraft(withModel(draft.value, known.name));
      facts.value = undefined;
      toast(`${known.name} is here, and chosen.`);
    } catch (error) {
      failed.value = wasStopped(error) ? undefined : troubleOf(error);
      facts.value = await (await lab()).hubFacts(id).catch(() => facts.value);
    }
    isBusy.value = undefined;
  };
  const isKnown = models.value.some(({ name }) => name === id);
  return (
    <div class="hub">
      <form
        class="row"
        onSubmit={(event) => {
          event.preventDefault();
          void ask();
        }}
      >
        <label class="field grow">
          From the Hugging Face hub
          <input
            type="text"
            value={hubId}
            placeholder="openai-community/gpt2"
            autocapitalize="none"
            autocomplete="off"
            spellcheck={false}
            onInput={({ currentTarget }) => {
              hubId.value = currentTarget.value;
              facts.value = undefined;
            }}
          />
        </label>
        <button type="submit" disabled={id === '' || isBusy.value !== undefined}>
          {isBusy.value === 'asking' ? 'Asking …' : 'See what it takes'}
        </button>
      </form>
      <p class="hint">Asking the hub tells it that you asked, and no more. Nothing is downloaded before you say so.</p>
      {isKnown && <p role="status">{id} is here already: choose it above.</p>}
      {facts.value && isBusy.value !== 'downloading' && (
        <HubOffer facts={facts.value} onDownload={() => void download()} />
      )}
      {isBusy.value === 'downloading' && <Downloading id={id} />}
      <div role="alert">{failed.value && <ErrorText trouble={failed.value} />}</div>
    </div>
  );
}

const wasStopped = (error: unknown): boolean => error instanceof Error && error.name === 'AbortError';

function HubOffer({
  facts: { id, files, bytes, here, free },
  onDownload,
}: {
  facts: HubFacts;
  onDownload: () => void;
}) {
  const left = bytes - here;
  const isTight = free !== undefined && left > free;
  return (
    <div class="offer">
      <p>
        <strong>{id}</strong>: {files.length} files, {inBytes(bytes)}
        {here > 0 && `, ${inBytes(here)} of them here already`}.{' '}
        {free === undefined
          ? 'This browser does not say how much room it gives.'
          : `This browser gives this page ${inBytes(free)} more.`}
      </p>
      <details>
        <summary>Files</summary>
        <ul class="hint">
          {files.map((file) => (
            <li key={file.name}>
              {file.name}, {inBytes(file.bytes)}
            </li>
          ))}
        </ul>
      </details>
      {isTight && (
        <p class="error-text">
          That is more than the room there is: remove models or runs first, or free space on the disk.
        </p>
      )}
      <button type="button" class="primary" disabled={isTight} onClick={onDownload}>
        {here > 0 ? `Go on: ${inBytes(left)} to download` : `Download ${inBytes(left)}`}
      </button>
    </div>
  );
}

function Downloading({ id }: { readonly id: string }) {
  const told = progress.value;
  return (
    <div class="offer" role="status">
      <label>
        Downloading {id} <progress value={told?.done} max={told?.of} />
      </label>
      <p class="number">{told ? `${inBytes(told.done)} of ${inBytes(told.of)}` : 'Beginning …'}</p>
      <button
        type="button"
        title="What is here stays here, and the download can go on from it"
        onClick={() => void lab().then((it) => it.stopDownload())}
      >
        Stop
      </button>
    </div>
  );
}
