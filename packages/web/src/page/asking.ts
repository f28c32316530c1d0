/** What details ask of the model while a run is in this tab, and about which prompt. */
import { signal } from '@preact/signals';
import type { Lab } from '../lab.js';

/** Undefined while there is no worker to ask. */
export const asking = signal<Pick<Lab, 'nodeFacts' | 'attention'> | undefined>(undefined);
/** The prompt that the reader tries; empty where there is none. */
export const promptShown = signal('');
