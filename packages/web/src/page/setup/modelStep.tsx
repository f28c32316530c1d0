/** Step 1: the model. One that is here, one from a folder, or one from the hub. */
import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import type { KnownModel } from '../../engine/protocol.js';
import type { PathFile } from '../../record/files.js';
import { inBytes } from '../../storage/room.js';
import { routeOf } from '../files/dropFiles.js';
import { PickButton } from '../files/pickButton.js';
import { lab, progress } from '../session.js';
import { toast } from '../shell/toast.js';
import { addModel, arriving, modelTrouble, orTrouble, refreshModels } from './actions.js';
import { withModel } from './choose.js';
import { changeDraft, draft, models, values } from './draft.js';
import { valueAt } from './editYaml.js';
import { ErrorText } from './errorText.js';
import { HubModel } from './hubModel.js';
import { plainPath } from './needs.js';

export function ModelStep() {
  useEffect(() => void refreshModels(), []);
  const add = async (files: PathFile[]): Promise<void> => {
    const route = routeOf(files.map(({ path }) => path));
    const known = await addModel(files, route.kind === 'model' ? route.root : topOf(files));
    if (known?.isKept === false)
      toast(`${known.name} is here until this tab is closed: the browser has no room to keep it.`);
  };
  return (
    <section class="setup-step" aria-labelledby="model-step">
      <h3 id="model-step">
        <span class="step-number">1</span> Model
      </h3>
      <p class="hint">Whose circuit is looked for. It stays in this browser; nothing is uploaded.</p>
      <ModelList />
      <div class="row">
        <PickButton
          folder
          title="A folder in Hugging Face layout: config.json, model.safetensors or its shards, tokenizer.json"
          onFiles={(files) => void add(files)}
        >
          Add a model folder…
        </PickButton>
        <PickButton
          multiple
          class="quiet"
          title="The files of such a folder one by one, where no folder can be chosen"
          onFiles={(files) => void add(files)}
        >
          or its files…
        </PickButton>
      </div>
      <p class="hint">
        As Hugging Face saves them: config.json, model.safetensors (or its shards and their index), tokenizer.json.
        GPT-2, Llama and Qwen2. Or drop the folder anywhere on this page.
      </p>
      {arriving.value !== undefined && (
        <p role="status">
          Reading {arriving.value} … {progress.value && <Bar done={progress.value.done} of={progress.value.of} />}
        </p>
      )}
      <div role="alert">{modelTrouble.value && <ErrorText trouble={modelTrouble.value} />}</div>
      <HubModel />
    </section>
  );
}

/** A folder that is no model is named all the same, by who says what it lacks. */
const topOf = ([first]: readonly PathFile[]): string => /^[^/]+\//.exec(first?.path ?? '')?.[0] ?? '';

const Bar = ({ done, of }: { readonly done: number; readonly of: number }) => (
  <>
    <progress value={done} max={of} /> {inBytes(done)} of {inBytes(of)}
  </>
);

function ModelList() {
  const chosen = valueAt(values.value, ['model']);
  return (
    <ul class="model-list">
      {models.value.map((model) => (
        <li key={model.name}>
          <label>
            <input
              type="radio"
              name="model"
              checked={typeof chosen === 'string' && plainPath(chosen) === model.name}
              onChange={() => {
                modelTrouble.value = undefined;
                changeDraft(withModel(draft.value, model.name));
              }}
            />
            <span>
              <strong>{model.name === 'embedded' ? 'The built-in model' : model.name}</strong>{' '}
              <span class="hint">{aboutModel(model)}</span>
            </span>
          </label>
          {model.from !== 'embedded' && <RemoveModel model={model} />}
        </li>
      ))}
    </ul>
  );
}

const aboutModel = ({ name, from, bytes, isKept }: KnownModel): string => {
  if (name === 'embedded') return `${inBytes(bytes)} · 3 layers, 250 words, made for this page`;
  return `${inBytes(bytes)} · ${from === 'hub' ? 'from the hub' : 'from your files'}${isKept ? '' : ', until this tab closes'}`;
};

/** Asks once more: what is gone would have to be brought again. */
function RemoveModel({ model: { name, bytes } }: { readonly model: KnownModel }) {
  const isAsked = useSignal(false);
  const remove = (): Promise<void> =>
    orTrouble(async () => {
      await (await lab()).removeModel(name);
      await refreshModels();
      toast(`${name} was removed from this browser: ${inBytes(bytes)} are free again.`);
    });
  if (!isAsked.value)
    return (
      <button type="button" class="quiet" aria-label={`Remove ${name}`} onClick={() => (isAsked.value = true)}>
        Remove
      </button>
    );
  return (
    <span class="row">
      <button type="button" onClick={() => void remove()}>
        Remove {inBytes(bytes)}
      </button>
      <button type="button" class="quiet" onClick={() => (isAsked.value = false)}>
        Keep
      </button>
    </span>
  );
}
