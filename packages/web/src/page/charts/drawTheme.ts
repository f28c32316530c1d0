/** The theme that canvases and charts draw with, as a signal. */
import { signal, type ReadonlySignal } from '@preact/signals';
import { currentTheme, watchTheme, type Theme } from '../../draw/watchTheme.js';

const now = signal<Theme>(currentTheme());
watchTheme((theme) => (now.value = theme));

export const drawTheme: ReadonlySignal<Theme> = now;
