/** What the circuit panel draws, computed from the shared state: one picture, or two of one scale beside each other. */
import { computed } from '@preact/signals';
import { changes, compared, ENTERED, LEFT, type CircuitEdges } from '../../draw/circuitData.js';
import { greatestOf, turnoverOf } from '../time/change.js';
import { momentTitle } from '../time/moments.js';
import { besideMoment, circuits, colourBy, earlier, earlierIndex, moment, momentIndex, moments } from '../state.js';

export interface Picture {
  readonly title: string;
  readonly edges: CircuitEdges;
  /** |score| that gets the widest line; 0 where there is none. */
  readonly greatest: number;
}

const noEdges: CircuitEdges = { from: [], to: [], score: [] };

/** One scale for the whole run: a line that gets wider is an edge that got stronger. */
const greatest = computed(() => greatestOf(moments.value));

export const isPair = computed(() => besideMoment.value !== undefined && earlier.value !== undefined);

/**
 * The moments and not the set of circuits are what is followed: the set is made anew with every step of a run, and the
 * moments of a finished search stay what they are.
 */
const indices = computed(() => ({
  set: moment.value && circuits.peek(),
  now: momentIndex.peek(),
  since: earlier.value && earlierIndex.peek(),
}));

/** Edges of the moment that is shown, with what changed since the earlier one. */
const since = computed(() => {
  const { set, now, since } = indices.value;
  return set && since !== undefined ? changes(set, now, since) : undefined;
});
export const turnover = computed(() => since.value && turnoverOf(since.value));

/** The moment itself: alone, or on the right of the one it is compared with. */
export const shown = computed((): Picture => {
  const { set, now, since: other } = indices.value;
  if (!set || !moment.value) return { title: 'The model, before a circuit is found', edges: noEdges, greatest: 0 };
  const isUnion = colourBy.value === 'change' && !isPair.value;
  const edges = isUnion && since.value ? since.value : compared(set, now, other, ENTERED);
  return { title: momentTitle(moment.value), edges, greatest: greatest.value };
});

/** On the left of it: the moment that stays. */
export const beside = computed((): Picture => {
  const { set, now, since: other } = indices.value;
  if (!set || other === undefined || !earlier.value) return { title: '', edges: noEdges, greatest: 0 };
  return { title: momentTitle(earlier.value), edges: compared(set, other, now, LEFT), greatest: greatest.value };
});
