/** What the worker says of the text, a moment after it was changed. */
import { computed, effect, signal } from '@preact/signals';
import { troubleOf } from '../../engine/trouble.js';
import type { CheckedFacts, Trouble } from '../../engine/protocol.js';
import { lab } from '../session.js';
import { dataFiles, draft, models } from './draft.js';
import { placeOf } from './placeOf.js';

export interface Verdict {
  readonly text: string;
  readonly facts?: CheckedFacts;
  readonly trouble?: Trouble;
}

/** Whether the reader has come to see the set-up: until then nothing is checked. */
export const isWatched = signal(false);
export const verdict = signal<Verdict | undefined>(undefined);
export const isChecking = signal(false);
/** Where the error is; undefined where there is none, or it is about an older text. */
export const place = computed(() => {
  const told = verdict.value;
  return told?.trouble && told.text === draft.value ? placeOf(told.text, told.trouble) : undefined;
});

/** Long enough to finish a word. */
const PAUSE = 600;
let newest = 0;

export async function checkNow(): Promise<void> {
  const mine = ++newest;
  const text = draft.value;
  if (text.trim() === '') return;
  isChecking.value = true;
  let told: Verdict;
  try {
    told = { text, facts: await (await lab()).check({ text }) };
  } catch (error) {
    told = { text, trouble: troubleOf(error) };
  }
  if (mine !== newest) return;
  isChecking.value = false;
  verdict.value = told;
}

/** Checks again whenever the text has rested, or what it names has come or gone. */
export const keepChecking = (): (() => void) =>
  effect(() => {
    // files and models that come or go change what a text comes to
    void [dataFiles.value, models.value];
    if (!isWatched.value || draft.value === '') return;
    const timer = setTimeout(() => void checkNow(), PAUSE);
    return () => clearTimeout(timer);
  });
