/** A run that was opened from files, as far as its models go: which there are, and which of them is loaded and answers. */
import { effect, signal } from '@preact/signals';
import type { OpenedModels, Trouble } from '../engine/protocol.js';
import { troubleOf } from '../engine/trouble.js';
import type { RunPlace } from '../record/place.js';
import { asking } from './asking.js';
import { lab } from './session.js';
import { isLive, status } from './state.js';

export interface Opened {
  readonly place: RunPlace;
  /** Undefined while they are looked for. */
  readonly models?: OpenedModels;
  /** Method whose model is being loaded, and whose answers. */
  readonly loading?: string;
  readonly loaded?: string;
  readonly trouble?: Trouble;
}

/** Undefined while the run of this tab is shown, or none. */
export const opened = signal<Opened | undefined>(undefined);

/** Whether there is a model to ask: of the run of this tab, or loaded from one that was opened. */
export const hasModel = (): boolean =>
  isLive.value
    ? status.value.run !== undefined && !['idle', 'loading'].includes(status.value.phase)
    : opened.value?.loaded !== undefined;

/** Changes with whoever answers: what was asked of one says nothing of another. */
export const whoAnswers = (): string => (isLive.value ? status.value.phase : (opened.value?.loaded ?? ''));

/** Tells of the run that is still the one that is open. */
const tell = (place: RunPlace, now: Omit<Opened, 'place'>): void => {
  const known = opened.peek();
  if (known?.place === place) opened.value = { place, ...(known.models && { models: known.models }), ...now };
};

effect(() => {
  const known = opened.value;
  if (known && !known.models && !known.trouble) void find(known.place);
});
effect(() => {
  if (!isLive.value || !opened.peek()) return;
  opened.value = undefined;
  void lab().then((it) => it.closeOpened());
});

async function find(place: RunPlace): Promise<void> {
  try {
    tell(place, { models: await (await lab()).openRun(place) });
  } catch (error) {
    tell(place, { trouble: troubleOf(error) });
  }
}

/** Puts what a method made of the model on the device; questions go to it from then on. */
export async function loadOpened(method: string): Promise<void> {
  const place = opened.peek()?.place;
  if (!place) return;
  tell(place, { loading: method });
  try {
    const it = await lab();
    await it.loadOpened(method);
    asking.value = it;
    tell(place, { loaded: method });
  } catch (error) {
    tell(place, { trouble: troubleOf(error) });
  }
}
