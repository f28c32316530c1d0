/** Light, dark, or as the system has it: on the root for style sheets and canvases, in the browser for the next visit. */
import { signal } from '@preact/signals';

const CHOICES = ['system', 'light', 'dark'] as const;
export type ThemeChoice = (typeof CHOICES)[number];

const KEY = 'theme';

export const themeChoice = signal<ThemeChoice>('system');

/** After the last choice comes the first again. */
export const nextTheme = (choice: ThemeChoice): ThemeChoice => CHOICES[(CHOICES.indexOf(choice) + 1) % CHOICES.length]!;

export function chooseTheme(choice: ThemeChoice): void {
  themeChoice.value = choice;
  const { dataset } = document.documentElement;
  if (choice === 'system') delete dataset['theme'];
  else dataset['theme'] = choice;
  // a browser that keeps nothing still shows the theme
  try {
    if (choice === 'system') localStorage.removeItem(KEY);
    else localStorage.setItem(KEY, choice);
  } catch {}
}

export function restoreTheme(): void {
  try {
    const kept = localStorage.getItem(KEY);
    if (kept === 'light' || kept === 'dark') chooseTheme(kept);
  } catch {}
}
