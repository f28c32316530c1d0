/** Examples typed by hand, in a small table; the worker checks them as they are typed, and errors stand at their row. */
import { signal, useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import type { Trouble } from '../../engine/protocol.js';
import { troubleOf } from '../../engine/trouble.js';
import { lab } from '../session.js';
import { addData, orTrouble } from './actions.js';
import { withTask } from './choose.js';
import { changeDraft, draft, values } from './draft.js';
import { valueAt } from './editYaml.js';
import { ErrorText } from './errorText.js';
import { emptyRow, isEmptyRow, rowsText, type TypedRow } from './typedRows.js';

/** What the experiment calls them. */
export const TYPED = 'typed.jsonl';
/** What errors call them while they are typed. */
const CHECKED = 'your examples';

const rows = signal<readonly TypedRow[]>([
  { clean: 'the keys', corrupt: 'the key', right: 'were', wrong: 'was' },
  { clean: 'the key', corrupt: 'the keys', right: 'was', wrong: 'were' },
]);

const columns: readonly { readonly key: keyof TypedRow; readonly label: string; readonly hint: string }[] = [
  { key: 'clean', label: 'Sentence', hint: 'The beginning of a sentence, up to the answer' },
  { key: 'corrupt', label: 'Corrupted', hint: 'The same with the clue changed: as many tokens as the sentence' },
  { key: 'right', label: 'Right', hint: 'Answers that should come next, separated by commas' },
  { key: 'wrong', label: 'Wrong', hint: 'Answers that should not, separated by commas' },
];

interface Told {
  readonly trouble?: Trouble;
  readonly warnings: readonly string[];
}

export function TypeRows() {
  const told = useSignal<Told | undefined>(undefined);
  const isOpen = useSignal(false);
  const model = valueAt(values.value, ['model']);
  useEffect(() => {
    if (!isOpen.value) return;
    let isStale = false;
    const timer = setTimeout(() => void check(model).then((found) => !isStale && (told.value = found)), 500);
    return () => {
      isStale = true;
      clearTimeout(timer);
    };
  }, [rows.value, isOpen.value, model]);
  const change = (index: number, row: TypedRow): void => {
    rows.value = rows.value.map((it, i) => (i === index ? row : it));
  };
  const wrongLine = Number(/line (\d+)/.exec(told.value?.trouble?.where ?? '')?.[1] ?? 0);
  const isUsed = valueAt(values.value, ['data', 'task']) === TYPED;
  return (
    <details class="type-rows" onToggle={({ currentTarget }) => (isOpen.value = currentTarget.open)}>
      <summary>Type examples by hand</summary>
      <div class="rows-table" role="table" aria-label="Examples">
        <div role="row" class="rows-head">
          {columns.map(({ key, label, hint }) => (
            <span role="columnheader" title={hint} key={key}>
              {label}
            </span>
          ))}
        </div>
        {rows.value.map((row, index) => (
          <div role="row" key={index} class={wrongLine === index + 1 ? 'wrong' : undefined}>
            {columns.map(({ key, label, hint }) => (
              <span role="cell" data-label={label} key={key}>
                <input
                  type="text"
                  value={row[key]}
                  aria-label={`${label}, row ${index + 1}`}
                  aria-invalid={wrongLine === index + 1}
                  title={hint}
                  placeholder={label}
                  onInput={({ currentTarget }) => change(index, { ...row, [key]: currentTarget.value })}
                />
              </span>
            ))}
            <span role="cell">
              <button
                type="button"
                class="quiet"
                aria-label={`Remove row ${index + 1}`}
                title="Remove this row"
                onClick={() => (rows.value = rows.value.filter((_, i) => i !== index))}
              >
                ×
              </button>
            </span>
          </div>
        ))}
      </div>
      <div class="row">
        <button type="button" onClick={() => (rows.value = [...rows.value, emptyRow])}>
          Add a row
        </button>
        <button type="button" class="primary" onClick={() => void use()} disabled={rows.value.every(isEmptyRow)}>
          {isUsed ? 'Use as they are now' : 'Use as the task'}
        </button>
      </div>
      <p class="hint">A space is put before each answer, as words follow one another.</p>
      <div role="status">
        {told.value?.trouble && <ErrorText trouble={told.value.trouble} />}
        {told.value?.warnings.map((warning) => (
          <p class="warning" key={warning}>
            {warning}
          </p>
        ))}
        {told.value && !told.value.trouble && told.value.warnings.length === 0 && (
          <p class="fine">✓ {countRows()}, each a pair of the same number of tokens.</p>
        )}
      </div>
    </details>
  );
}

const countRows = (): string => {
  const count = rows.value.filter((row) => !isEmptyRow(row)).length;
  return `${count} ${count === 1 ? 'example' : 'examples'}`;
};

const typedFile = (): File => new File([rowsText(rows.value)], TYPED);

/** By the worker, with the model that is chosen: whether words are tokens is a matter of its tokenizer. */
async function check(model: unknown): Promise<Told | undefined> {
  if (rows.value.every(isEmptyRow)) return undefined;
  const name = JSON.stringify(typeof model === 'string' ? model : 'embedded');
  const task = JSON.stringify(CHECKED);
  const engine = await lab();
  await engine.addFiles([{ path: CHECKED, file: typedFile() }]);
  try {
    const text = `model: ${name}\ndata: { task: ${task} }\nevaluation: { faithfulness: [1] }\n`;
    const { warnings } = await engine.check({ text });
    return { warnings };
  } catch (error) {
    return { trouble: troubleOf(error), warnings: [] };
  }
}

const use = (): Promise<void | undefined> =>
  orTrouble(async () => {
    await addData([{ path: TYPED, file: typedFile() }]);
    changeDraft(withTask(draft.value, TYPED));
  });
