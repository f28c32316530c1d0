/** The title of the tab says how far the run is, for readers who look elsewhere meanwhile. */
import { effect } from '@preact/signals';
import type { CheckedFacts, Status } from '../../engine/protocol.js';
import type { RunStory } from '../../record/story.js';
import { shareDone, stagesOf } from '../run/progress.js';
import { checked, isLive, status, story } from '../state.js';

const NAME = 'circuit-tuning lab';

export function tabTitle(facts: CheckedFacts | undefined, told: RunStory | undefined, now: Status): string {
  const { phase } = now;
  if (phase === 'done') return `Done · ${NAME}`;
  if (phase === 'failed') return `Interrupted · ${NAME}`;
  if (!facts || (phase !== 'running' && phase !== 'paused')) return NAME;
  const percent = Math.floor(100 * shareDone(stagesOf(facts, told, now)));
  return `${percent}%${phase === 'paused' ? ', paused' : ''} · ${NAME}`;
}

export function keepTabTitle(): void {
  effect(() => {
    document.title = isLive.value ? tabTitle(checked.value, story.value, status.value) : NAME;
  });
}
