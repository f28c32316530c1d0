/** The usual settings as plain controls. Each of them writes into the text, which stays the whole truth. */
import { methodOf, methods, usualMethods } from '@circuit-tuning/core';
import { methodTitle } from '../time/moments.js';
import { changeDraft, draft, values } from './draft.js';
import { valueAt, withValues, type KeyPath } from './editYaml.js';

interface Knob {
  readonly path: KeyPath;
  readonly label: string;
  readonly hint: string;
  readonly placeholder?: string;
  readonly isWhole: boolean;
}

const knobs: readonly Knob[] = [
  { path: ['tuning', 'steps'], label: 'Steps', hint: 'Updates of the model, for each method', isWhole: true },
  {
    path: ['tuning', 'every'],
    label: 'Search every (K)',
    hint: 'Steps between two searches for the circuit',
    placeholder: '8',
    isWhole: true,
  },
  {
    path: ['discovery', 'top_n'],
    label: 'Edges kept (top N)',
    hint: 'How many of the strongest edges make up the circuit. Empty: a tenth of all',
    placeholder: 'a tenth',
    isWhole: true,
  },
  {
    path: ['tuning', 'learning_rate'],
    label: 'Learning rate',
    hint: 'How far a step goes. Empty: 0.001 for sgd, 0.0001 for adamw',
    placeholder: 'by default',
    isWhole: false,
  },
];

const what: Readonly<Record<string, string>> = {
  circuit: 'Only the circuit learns, searched for again every K steps: circuit-tuning',
  full: 'The whole model learns, as in ordinary fine-tuning',
  random: 'As many edges, drawn by lot: is it the circuit, or only its size?',
  fixed: 'The first circuit is kept: is searching again worth it?',
};

export function Knobs() {
  const isReadable = values.value !== undefined;
  const given = valueAt(values.value, ['tuning', 'methods']);
  const hasTuning = valueAt(values.value, ['tuning']) !== undefined;
  const named: readonly unknown[] = Array.isArray(given) ? given : usualMethods;
  const offered = methods.filter((it) => named.includes(it) || usualMethods.some((usual) => usual === it));
  const chosen = hasTuning ? offered.filter((it) => named.includes(it)) : [];
  const choose = (method: string, isOn: boolean): void => {
    const next = offered.filter((it) => (it === method ? isOn : chosen.includes(it)));
    const text = withValues(draft.value, [[['tuning', 'methods'], next]]);
    // a first method asks for steps; none at all asks for no tuning
    if (next.length === 0) changeDraft(withValues(draft.value, [[['tuning'], undefined]]));
    else changeDraft(hasTuning ? text : withValues(text, [[['tuning', 'steps'], 50]]));
  };
  return (
    <fieldset class="knobs" disabled={!isReadable}>
      <legend class="unseen">The usual settings</legend>
      <div class="methods" role="group" aria-label="Methods that are compared">
        {offered.map((method) => (
          <label title={what[method] ?? methodOf(method).about} key={method}>
            <input
              type="checkbox"
              checked={chosen.includes(method)}
              onChange={({ currentTarget }) => choose(method, currentTarget.checked)}
            />
            {methodTitle(method)}
          </label>
        ))}
      </div>
      <CurveKnob />
      <div class="fields">
        {knobs.map((knob) => (
          <NumberKnob key={knob.label} {...knob} />
        ))}
      </div>
    </fieldset>
  );
}

/** Off by default: it runs the model dozens of times, which takes longer than finding the circuit. */
function CurveKnob() {
  const path = ['evaluation', 'curve'];
  return (
    <label
      class="tick"
      title="Circuits from a thousandth of the edges to all of them, beside random ones: takes a while"
    >
      <input
        type="checkbox"
        checked={valueAt(values.value, path) === true}
        onChange={({ currentTarget }) =>
          changeDraft(withValues(draft.value, [[path, currentTarget.checked ? true : undefined]]))
        }
      />
      Faithfulness at every size (CPR, CMD)
    </label>
  );
}

function NumberKnob({ path, label, hint, placeholder, isWhole }: Knob) {
  const value = valueAt(values.value, path);
  // a schedule, { from, to, … }, has no single number
  const isOther = value !== undefined && typeof value !== 'number';
  return (
    <label class="field" title={hint}>
      {label}
      <input
        type="number"
        min={isWhole ? 1 : 0}
        step={isWhole ? 1 : 'any'}
        disabled={isOther}
        placeholder={isOther ? 'see the text' : placeholder}
        value={typeof value === 'number' ? value : ''}
        onChange={({ currentTarget }) => {
          const number = currentTarget.value === '' ? undefined : Number(currentTarget.value);
          if (number === undefined || Number.isFinite(number)) changeDraft(withValues(draft.value, [[path, number]]));
        }}
      />
    </label>
  );
}
