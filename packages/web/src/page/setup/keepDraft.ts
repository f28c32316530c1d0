/** Keeps the text of this tab over a reload. Data files of the reader do not outlast it: what is missing is listed. */
import { effect } from '@preact/signals';
import { changeDraft, draft, isTouched } from './draft.js';

const KEY = 'experiment';

export function restoreDraft(): void {
  const text = sessionStorage.getItem(KEY);
  if (text !== null && !isTouched.peek()) changeDraft(text);
}

export const keepDraft = (): (() => void) =>
  effect(() => {
    if (isTouched.value) sessionStorage.setItem(KEY, draft.value);
  });
