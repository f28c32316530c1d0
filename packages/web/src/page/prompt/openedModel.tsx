/** The model of a run from files: what there is of it, and a way to load it; else what is missing. */
import { runHere } from '../files/runHere.js';
import { loadOpened, opened, type Opened } from '../opened.js';
import { ErrorText } from '../setup/errorText.js';
import { record } from '../state.js';
import { methodTitle } from '../time/moments.js';

/** Before it is loaded. */
export function LoadModel() {
  const of = opened.value;
  if (!of || of.loading !== undefined)
    return (
      <p class="hint" role="status">
        The model is being loaded.
      </p>
    );
  const { models, trouble } = of;
  if (trouble && !models)
    return (
      <>
        <ErrorText trouble={trouble} />
        <RunHere />
      </>
    );
  if (!models) return <p class="hint">This run was opened from files. Looking for its model …</p>;
  if (models.methods.length === 0)
    return (
      <>
        <p class="hint">This run was opened from files. {models.missing} Or run the experiment here.</p>
        <RunHere />
      </>
    );
  return (
    <>
      {trouble && <ErrorText trouble={trouble} />}
      <p class="hint">
        This run was opened from files, with what tuning made of the model among them. {models.missing}
      </p>
      <p class="row">
        {models.methods.map((method) => (
          <button type="button" key={method} onClick={() => void loadOpened(method)}>
            {models.methods.length === 1 ? 'Load its model' : `Load “${methodTitle(method)}”`}
          </button>
        ))}
      </p>
    </>
  );
}

/** Which of several answers; nothing for one. */
export function WhichModel() {
  const { models, loaded } = opened.value ?? ({} as Partial<Opened>);
  if (!models || models.methods.length < 2) return null;
  return (
    <label class="field">
      The model tuned by
      <select value={loaded} onChange={({ currentTarget }) => void loadOpened(currentTarget.value)}>
        {models.methods.map((method) => (
          <option key={method} value={method}>
            {methodTitle(method)}
          </option>
        ))}
      </select>
    </label>
  );
}

/** Where an answer failed, as after the loss of the device. */
export function LoadAgain() {
  const method = opened.value?.loaded;
  if (method === undefined) return null;
  return (
    <p>
      <button type="button" onClick={() => void loadOpened(method)}>
        Load its model again
      </button>
    </p>
  );
}

function RunHere() {
  const experiment = record.value?.experiment;
  if (experiment === undefined) return null;
  return (
    <p>
      <button type="button" onClick={() => void runHere(experiment)}>
        Run this experiment here
      </button>
    </p>
  );
}
