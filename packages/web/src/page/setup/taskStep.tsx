/** Step 2: the examples. What the circuit is found on, what tuning learns from, and what it should leave alone. */
import { useSignal } from '@preact/signals';
import type { Trouble } from '../../engine/protocol.js';
import { troubleOf } from '../../engine/trouble.js';
import type { PathFile } from '../../record/files.js';
import { PickButton } from '../files/pickButton.js';
import { addTask } from './actions.js';
import { builtInTasks, isBuiltIn } from './builtInTasks.js';
import { keptFiles, withKept, withRole, type Role } from './choose.js';
import { place, verdict } from './checking.js';
import { changeDraft, dataFiles, draft, values } from './draft.js';
import { valueAt } from './editYaml.js';
import { ErrorText } from './errorText.js';
import { plainPath } from './needs.js';
import { RowsPreview } from './rowsPreview.js';
import { TYPED, TypeRows } from './typeRows.js';

const asked: readonly { role: Role; label: string; hint: string }[] = [
  {
    role: 'task',
    label: 'Find the circuit on',
    hint: 'Pairs of sentences that differ in the one thing you ask about.',
  },
  {
    role: 'train',
    label: 'Learn from',
    hint: 'What tuning is shown. Text that says the opposite teaches the opposite.',
  },
  { role: 'held_out', label: 'Measure on', hint: 'Examples that tuning never sees.' },
];

export function TaskStep() {
  const failed = useSignal<Trouble | undefined>(undefined);
  const shown = useSignal<Role>('task');
  const add = async (files: PathFile[]): Promise<void> => {
    failed.value = undefined;
    try {
      await addTask(files);
      shown.value = 'task';
    } catch (error) {
      failed.value = troubleOf(error);
    }
  };
  const preview = fileOf(shown.value) ?? fileOf('task');
  return (
    <section class="setup-step" aria-labelledby="task-step">
      <h3 id="task-step">
        <span class="step-number">2</span> Task
      </h3>
      <p class="hint">
        Examples, one JSON object a line: a sentence, a corrupted one that takes the answer away, the right and the
        wrong answers.
      </p>
      <div class="fields">
        {asked.map(({ role, label, hint }) => (
          <label class="field" title={hint} key={role}>
            {label}
            <select
              value={fileOf(role) ?? ''}
              onFocus={() => (shown.value = role)}
              onChange={({ currentTarget: { value } }) => {
                shown.value = role;
                changeDraft(withRole(draft.value, role, value === '' ? undefined : value));
              }}
            >
              <FileOptions chosen={fileOf(role)} noneIs={role === 'task' ? 'choose …' : 'the same examples'} />
            </select>
          </label>
        ))}
      </div>
      <Kept />
      {preview !== undefined && <RowsPreview path={preview} />}
      <RowError />
      <div class="row">
        <PickButton
          multiple
          accept=".jsonl,.json"
          title="A JSONL file, one example a line, or a JSON list"
          onFiles={(files) => void add(files)}
        >
          Add a task file…
        </PickButton>
        <span class="hint">.jsonl or .json, or drop it anywhere on this page.</span>
      </div>
      <div role="alert">{failed.value && <ErrorText trouble={failed.value} />}</div>
      <TypeRows />
    </section>
  );
}

function fileOf(role: Role): string | undefined {
  const value = valueAt(values.value, ['data', role]);
  return typeof value === 'string' ? plainPath(value) : undefined;
}

function FileOptions({ chosen, noneIs }: { readonly chosen: string | undefined; readonly noneIs: string }) {
  const own = dataFiles.value.map(({ path }) => path);
  const isListed = chosen === undefined || isBuiltIn(chosen) || own.includes(chosen);
  return (
    <>
      <option value="">{noneIs}</option>
      {!isListed && <option value={chosen}>{chosen}</option>}
      {own.length > 0 && (
        <optgroup label="Yours">
          {own.map((path) => (
            <option value={path} key={path}>
              {path === TYPED ? 'Typed by hand' : path}
            </option>
          ))}
        </optgroup>
      )}
      <optgroup label="Built in">
        {builtInTasks.map(({ path, title }) => (
          <option value={path} key={path}>
            {title}
          </option>
        ))}
      </optgroup>
    </>
  );
}

/** What should not be forgotten meanwhile. */
function Kept() {
  const chosen = keptFiles(draft.value);
  const offered = builtInTasks.filter(({ path }) => path.startsWith('tasks/keep-'));
  const used = asked.map(({ role }) => fileOf(role));
  const own = dataFiles.value
    .filter(({ path }) => !used.includes(path))
    .map(({ path }) => ({ path, title: path, what: 'Yours' }));
  const unlisted = chosen.filter((path) => ![...offered, ...own].some((it) => it.path === path));
  const all = [...offered, ...own, ...unlisted.map((path) => ({ path, title: path, what: '' }))];
  return (
    <fieldset class="kept">
      <legend title="Texts whose loss is measured while tuning: what it should leave alone">Watch that it keeps</legend>
      {all.map(({ path, title, what }) => (
        <label title={what} key={path}>
          <input
            type="checkbox"
            checked={chosen.includes(path)}
            onChange={({ currentTarget }) => changeDraft(withKept(draft.value, path, currentTarget.checked))}
          />
          {title}
        </label>
      ))}
    </fieldset>
  );
}

/** An error in a file of rows stands where the files are; rows that are typed show their own. */
function RowError() {
  const row = place.value?.row;
  const trouble = verdict.value?.trouble;
  return <div role="alert">{row && row.file !== TYPED && trouble && <ErrorText trouble={trouble} />}</div>;
}
