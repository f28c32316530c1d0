/** Keys that work anywhere on the page, except where they mean something already: in fields, charts and the picture. */
import { goTo, stopFilm } from '../time/film.js';
import { momentIndex, pinned, pointed } from '../state.js';
import { playOrPause, stepOnce } from '../session.js';

export const keys: readonly { readonly key: string; readonly does: string }[] = [
  { key: 'Space', does: 'start the run, pause it, or let it go on' },
  { key: 'S', does: 'do one step, then pause' },
  { key: '← →', does: 'the search before or after (in the picture: the next node)' },
  { key: 'Enter', does: 'in the picture: pin the node or edge' },
  { key: 'E', does: 'in the picture: the next edge of the node' },
  { key: 'Esc', does: 'let go of what is pinned' },
];

/** Where letters and arrows mean something already. */
const TAKEN = 'input, select, textarea, dialog, [contenteditable], [role=application], [role=slider], [role=img]';
/** Where the space bar presses or opens something. */
const PRESSED = 'button, a, summary, [role=button]';
/** What Escape closes, and nothing else then. */
const ABOVE = ':popover-open, dialog[open]';

export function listenForKeys(): void {
  document.addEventListener('keydown', (event) => {
    const { key, ctrlKey, metaKey, altKey, target, defaultPrevented } = event;
    if (defaultPrevented || ctrlKey || metaKey || altKey) return;
    if (target instanceof Element && target.closest(key === ' ' ? `${TAKEN}, ${PRESSED}` : TAKEN)) return;
    if (key === 'Escape') {
      if (!document.querySelector(ABOVE)) pinned.value = pointed.value = undefined;
      return;
    }
    if (key === ' ') playOrPause();
    else if (key === 's' || key === 'S') stepOnce();
    else if (key === 'ArrowLeft' || key === 'ArrowRight') {
      stopFilm();
      goTo(momentIndex.value + (key === 'ArrowLeft' ? -1 : 1));
    } else return;
    event.preventDefault();
  });
}
