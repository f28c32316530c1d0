/** Which line is which method, and a switch for each. */
import { signal } from '@preact/signals';
import { drawTheme } from './drawTheme.js';
import { methodTitle } from '../time/moments.js';
import './methodLegend.css';

const hidden = signal<ReadonlySet<string>>(new Set());

export const isMethodShown = (method: string): boolean => !hidden.value.has(method);

function toggle(method: string): void {
  const next = new Set(hidden.value);
  if (!next.delete(method)) next.add(method);
  hidden.value = next;
}

/** What a method tunes, in a few words. */
const METHODS: Readonly<Record<string, string>> = {
  circuit: 'tunes only what the circuit is made of, and searches it again every few steps',
  full: 'tunes every parameter of the model',
  random: 'tunes randomly drawn parts with as many parameters as the circuit: a control',
  fixed: 'tunes the circuit of the first search, which is never searched again: a control',
};
export const methodInWords = (method: string): string => METHODS[method] ?? 'is tuned as the experiment says';

export function MethodLegend({ methods }: { methods: readonly string[] }) {
  return (
    <div class="method-legend" role="group" aria-label="Methods shown in the curves">
      {methods.map((method) => (
        <button
          key={method}
          type="button"
          class="quiet"
          aria-pressed={isMethodShown(method)}
          title={`${methodTitle(method)} ${methodInWords(method)}. Click to ${isMethodShown(method) ? 'hide' : 'show'} it in the curves.`}
          onClick={() => toggle(method)}
        >
          <LineSample method={method} />
          {methodTitle(method)}
        </button>
      ))}
    </div>
  );
}

/** A piece of the line that a method is drawn with. */
export function LineSample({ method }: { method: string }) {
  const { colour, dash } = drawTheme.value.line(method);
  return (
    <svg class="line-sample" width="34" height="8" aria-hidden="true">
      <path d="M0 4h34" stroke={colour} stroke-width="2.5" stroke-dasharray={dash.join(' ')} />
    </svg>
  );
}
