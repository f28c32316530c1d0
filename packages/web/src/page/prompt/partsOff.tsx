/** Which parts are switched off in the third column, and what takes their place. */
import { useSignal } from '@preact/signals';
import { formatNumber } from '../../draw/table.js';
import { graph, moment, switchedOff } from '../state.js';
import { momentTitle } from '../time/moments.js';
import { ablation, isOnlyCircuit } from './answers.js';
import { nodeNames, whyNoPart } from './parts.js';

export function PartsOff() {
  const now = moment.value;
  const off = switchedOff.value;
  const isOff = off.length > 0 || isOnlyCircuit.value;
  return (
    <fieldset class="parts-off">
      <legend>Switch parts off</legend>
      <label class="switch" title="All edges that are not in the circuit are switched off">
        <input
          type="checkbox"
          role="switch"
          checked={isOnlyCircuit.value}
          disabled={!now}
          onChange={({ currentTarget }) => (isOnlyCircuit.value = currentTarget.checked)}
        />
        Only the circuit shown{' '}
        {now && (
          <span class="hint">
            {now.inside.length} of {formatNumber(now.score.length)} edges · {momentTitle(now)}
          </span>
        )}
      </label>
      <AddPart />
      {off.length > 0 && (
        <ul class="chips" aria-label="Switched off">
          {off.map((part) => (
            <li key={part}>
              <code>{part}</code>
              <button
                type="button"
                class="quiet"
                aria-label={`Switch ${part} on again`}
                title="Switch it on again"
                onClick={() => (switchedOff.value = off.filter((it) => it !== part))}
              >
                ×
              </button>
            </li>
          ))}
          {off.length > 1 && (
            <li class="bare">
              <button type="button" class="quiet" onClick={() => (switchedOff.value = [])}>
                All on
              </button>
            </li>
          )}
        </ul>
      )}
      {isOff && (
        <div class="row" role="radiogroup" aria-label="What takes the place of what is off">
          <span class="hint">In their place:</span>
          {(['zero', 'mean'] as const).map((kind) => (
            <label
              class="switch"
              key={kind}
              title={kind === 'zero' ? 'Nothing is written' : 'What is written on average over the task'}
            >
              <input
                type="radio"
                name="ablation"
                checked={ablation.value === kind}
                onChange={() => (ablation.value = kind)}
              />
              {kind === 'zero' ? 'nothing (zero)' : 'the average'}
            </label>
          ))}
        </div>
      )}
    </fieldset>
  );
}

function AddPart() {
  const typed = useSignal('');
  const wrong = useSignal<string | undefined>(undefined);
  const known = graph.value;
  if (!known) return null;
  const part = typed.value.trim();
  const add = (): void => {
    wrong.value = part === '' ? undefined : whyNoPart(known, part);
    if (part === '' || wrong.value !== undefined) return;
    if (!switchedOff.value.includes(part)) switchedOff.value = [...switchedOff.value, part];
    typed.value = '';
  };
  return (
    <form
      class="row add-part"
      onSubmit={(event) => {
        event.preventDefault();
        add();
      }}
    >
      <input
        type="text"
        list="part-names"
        value={typed}
        aria-label="A node or an edge to switch off"
        aria-invalid={wrong.value !== undefined}
        aria-describedby="part-wrong"
        placeholder="a0.h1, m2 or a0.h1->m2"
        autocapitalize="none"
        autocomplete="off"
        spellcheck={false}
        onInput={({ currentTarget }) => {
          typed.value = currentTarget.value;
          wrong.value = undefined;
        }}
      />
      <datalist id="part-names">
        {nodeNames(known).map((name) => (
          <option value={name} key={name} />
        ))}
      </datalist>
      <button type="submit" disabled={part === ''}>
        Switch off
      </button>
      <p id="part-wrong" role="alert" class="error-text">
        {wrong.value}
      </p>
    </form>
  );
}
