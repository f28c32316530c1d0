/**
 * What all views of the page share, as signals: the run that is shown, the moment it is shown at, and what the reader has
 * chosen. Views read them and nothing else, so that charts, circuit and timeline stay brushed together.
 */
import { computed, signal, type ReadonlySignal } from '@preact/signals';
import type { Selection } from '../draw/circuit.js';
import type { Grouping } from '../draw/group.js';
import type { CheckedFacts, DeviceFacts, Status, Trouble } from '../engine/protocol.js';
import type { RunRecord } from '../record/record.js';
import { indexBefore } from './time/moments.js';

/** Bumped at most once a frame: the record grows in place. */
const version = signal(0);
const shown = signal<RunRecord | undefined>(undefined);

/** The record grows in place: whoever reads this hears of it. */
const growing = computed(() => ({ record: shown.value, version: version.value }));
/** The run that is shown; undefined before the first. Its growth is heard of through what is computed from it below. */
export const record: ReadonlySignal<RunRecord | undefined> = shown;
/** Whether it runs in this tab; false for one that was opened from files. */
export const isLive = signal(false);
export const status = signal<Status>({ phase: 'idle' });
export const device = signal<DeviceFacts | undefined>(undefined);
export const checked = signal<CheckedFacts | undefined>(undefined);
/** What went wrong last, until the reader puts it away. */
export const trouble = signal<Trouble | undefined>(undefined);

export function show(next: RunRecord | undefined, live: boolean): void {
  shown.value = next;
  isLive.value = live;
  // what is over is seen from its beginning
  chosenMoment.value = live ? undefined : 0;
  besideMoment.value = undefined;
  pinned.value = undefined;
  version.value++;
}

let due = false;
/** Called whenever the record has grown. */
export function grown(): void {
  if (due) return;
  due = true;
  requestAnimationFrame(() => {
    due = false;
    version.value++;
  });
}

/** Curves and tables of what was told so far. */
export const story = computed(() => growing.value.record?.story());
export const circuits = computed(() => growing.value.record?.circuits());
export const moments = computed(() => growing.value.record?.moments.slice() ?? []);

/** Every edge of the model: of the run that is shown, else of the experiment that is ready to run. */
export const graph = computed(() => growing.value.record?.graph ?? checked.value?.graph);

/** Index into `moments` that the reader chose; undefined follows the newest. */
export const chosenMoment = signal<number | undefined>(undefined);
/** Index of the moment that is shown, -1 where there is none yet. */
export const momentIndex = computed(() => Math.min(chosenMoment.value ?? Infinity, moments.value.length - 1));
export const moment = computed(() => moments.value[momentIndex.value]);
/** The moment it is compared with, side by side; undefined shows one picture. */
export const besideMoment = signal<number | undefined>(undefined);
/**
 * What the moment that is shown is compared with: the one the reader put beside it, else the one before it in the same
 * method. Undefined at the first.
 */
export const earlierIndex = computed(() => {
  const all = moments.value;
  if (besideMoment.value !== undefined && besideMoment.value < all.length) return besideMoment.value;
  return indexBefore(all, momentIndex.value);
});
export const earlier = computed(() =>
  earlierIndex.value === undefined ? undefined : moments.value[earlierIndex.value],
);

/** Where the pointer is, and what was clicked: the pinned one holds while the pointer is elsewhere. */
export const pointed = signal<Selection | undefined>(undefined);
export const pinned = signal<Selection | undefined>(undefined);
export const selection = computed(() => pointed.value ?? pinned.value);

/** The strongest so many edges are drawn; undefined draws all. */
export const topEdges = signal<number | undefined>(undefined);
/** What the colour of an edge says: whether it raises or lowers the metric, or what became of it. */
export const colourBy = signal<'sign' | 'change'>('sign');
/** Whether heads of a layer, and blocks of an MLP, are one node each. */
export const grouping = signal<Grouping>('none');

/** Parts that the reader switched off for prompts: node names, and edges as `a0.h1->m1`. */
export const switchedOff = signal<readonly string[]>([]);
