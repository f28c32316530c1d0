/** What is being set up: the experiment's text, which is all there is to say, and what it can name. */
import { computed, signal } from '@preact/signals';
import type { KnownModel } from '../../engine/protocol.js';
import { builtInPaths } from './choose.js';
import { valuesOf } from './editYaml.js';
import { needsOf } from './needs.js';

/** A data file of the reader's. */
export interface DataFile {
  readonly path: string;
  readonly file: File;
}

export const draft = signal('');
/** Whether the reader has changed the text: a later beginning must not take their work away. */
export const isTouched = signal(false);
/** The text before a control changed it, to go back to. */
const before = signal<string | undefined>(undefined);
export const canUndo = computed(() => before.value !== undefined);

export const dataFiles = signal<readonly DataFile[]>([]);
export const models = signal<readonly KnownModel[]>([]);
/** What is to be said above the text: where it came from. */
export const origin = signal<string | undefined>(undefined);

export const values = computed(() => valuesOf(draft.value));
export const needs = computed(() =>
  needsOf(draft.value, {
    models: models.value.map(({ name }) => name),
    files: [...builtInPaths, ...dataFiles.value.map(({ path }) => path)],
  }),
);

/** The reader types: the browser's own undo is theirs. */
export function typeDraft(text: string): void {
  before.value = undefined;
  isTouched.value = true;
  draft.value = text;
}

/** A control, a file or a link changes the text. */
export function changeDraft(text: string): void {
  if (text === draft.value) return;
  before.value = draft.value === '' ? undefined : draft.value;
  isTouched.value = true;
  draft.value = text;
}

export function undoDraft(): void {
  if (before.value !== undefined) draft.value = before.value;
  before.value = undefined;
}
