/** The moments of a run as a film: one after the other, at a speed the reader chooses. */
import { signal } from '@preact/signals';
import { chosenMoment, momentIndex, moments } from '../state.js';

export const isPlaying = signal(false);
/** Moments a second. */
export const SPEEDS = [1, 2, 4, 8] as const;
export const speed = signal<number>(2);

let timer: ReturnType<typeof setTimeout> | undefined;

/** Plays on from what is shown; from the start where that is the end. */
export function playFilm(): void {
  if (moments.value.length < 2) return;
  isPlaying.value = true;
  if (momentIndex.value === moments.value.length - 1) chosenMoment.value = 0;
  else chosenMoment.value = momentIndex.value;
  later();
}

export function stopFilm(): void {
  clearTimeout(timer);
  isPlaying.value = false;
}

/** Goes to a moment; what is out of reach is the nearest there is. */
export function goTo(index: number): void {
  chosenMoment.value = Math.max(0, Math.min(moments.value.length - 1, index));
}

/** Follows the newest again. */
export function goLive(): void {
  stopFilm();
  chosenMoment.value = undefined;
}

function later(): void {
  clearTimeout(timer);
  timer = setTimeout(() => {
    goTo(momentIndex.value + 1);
    if (momentIndex.value < moments.value.length - 1) later();
    else stopFilm();
  }, 1000 / speed.value);
}
