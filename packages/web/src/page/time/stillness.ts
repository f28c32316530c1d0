/** Whether the system asks for less motion: films then go by hand. */
import { signal } from '@preact/signals';

export const prefersStillness = signal(false);

export function watchStillness(): void {
  const query = matchMedia('(prefers-reduced-motion: reduce)');
  const tell = (): void => {
    prefersStillness.value = query.matches;
  };
  query.addEventListener('change', tell);
  tell();
}
