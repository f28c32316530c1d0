/** The top of the page: what it is, which run is shown, what can be opened and saved, and how the page looks. */
import type { Phase } from '../../engine/protocol.js';
import { HelpDialog } from './helpDialog.js';
import { OpenSave } from '../files/openSave.js';
import { checked, isLive, record, status } from '../state.js';
import { chooseTheme, nextTheme, themeChoice } from './themeChoice.js';
import './header.css';

export function Header() {
  return (
    <header class="masthead">
      <h1>
        <Mark />
        circuit-tuning lab
      </h1>
      <RunName />
      <div class="corner">
        <OpenSave />
        <ThemeButton />
        <HelpDialog />
      </div>
    </header>
  );
}

/** Three nodes and the two edges of a circuit through them. */
const Mark = () => (
  <svg viewBox="0 0 28 28" aria-hidden="true">
    <g fill="none" stroke-width="2.4" stroke-linecap="round">
      <path d="M7 22C7 16 14 18 14 13" stroke="var(--positive)" />
      <path d="M21 22C21 16 14 18 14 13" stroke="var(--faint)" />
      <path d="M14 13C14 9 21 11 21 6" stroke="var(--negative)" />
    </g>
    <g fill="var(--paper)" stroke="var(--ink)" stroke-width="1.8">
      <circle cx="7" cy="22.5" r="3.2" />
      <circle cx="21" cy="22.5" r="3.2" stroke="var(--kept)" />
      <circle cx="14" cy="13.5" r="3.2" />
      <circle cx="21" cy="5.5" r="3.2" />
    </g>
  </svg>
);

const HERE: Readonly<Partial<Record<Phase, string>>> = {
  loading: 'being made ready',
  running: 'running in this tab',
  paused: 'paused',
  stopped: 'stopped',
  failed: 'interrupted',
  done: 'done',
};

function RunName() {
  const name = record.value?.name ?? checked.value?.name;
  if (name === undefined) return <p class="run-name" />;
  const what = !record.value ? 'ready' : isLive.value ? (HERE[status.value.phase] ?? '') : 'opened from files';
  return (
    <p class="run-name">
      <strong>{name}</strong> · {what}
    </p>
  );
}

function ThemeButton() {
  const next = nextTheme(themeChoice.value);
  const sign = { system: '◐', light: '☀', dark: '☾' }[themeChoice.value];
  return (
    <button
      type="button"
      class="quiet"
      title={`Colours: ${themeChoice.value}. Click for ${next}.`}
      aria-label={`Colours: ${themeChoice.value}. Change to ${next}`}
      onClick={() => chooseTheme(next)}
    >
      <span aria-hidden="true">{sign}</span>
    </button>
  );
}
