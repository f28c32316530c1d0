/** For how long the run of this tab has been at work; it stands still while the run is paused. */
import { signal } from '@preact/signals';

/** Whole seconds. */
export const elapsed = signal(0);

let timer: ReturnType<typeof setInterval> | undefined;
let before = 0;
let since = 0;

export function runClock(isAtWork: boolean): void {
  if (isAtWork === (timer !== undefined)) return;
  if (isAtWork) {
    since = performance.now();
    timer = setInterval(tell, 250);
  } else {
    before += performance.now() - since;
    clearInterval(timer);
    timer = undefined;
    elapsed.value = Math.round(before / 1000);
  }
}

/** From nought, for another run. */
export function resetClock(): void {
  before = 0;
  since = performance.now();
  elapsed.value = 0;
}

function tell(): void {
  elapsed.value = Math.floor((before + performance.now() - since) / 1000);
}

/** `0:07`, `12:34`, `1:02:03` */
export function clockText(seconds: number): string {
  const two = (value: number): string => String(value).padStart(2, '0');
  const [h, m, s] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
  return h > 0 ? `${h}:${two(m)}:${two(s)}` : `${m}:${two(s)}`;
}
