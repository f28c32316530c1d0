/** What changed between the moment that is shown and the one it is compared with, in a sentence. */
import { turnoverInWords } from './change.js';
import { isPlaying } from './film.js';
import { momentTitle } from './moments.js';
import { turnover } from '../circuit/pictures.js';
import { besideMoment, earlier, moment } from '../state.js';

export function TurnoverWords() {
  return (
    <p class="turnover number" aria-live={isPlaying.value ? 'off' : 'polite'}>
      {sentence()}
    </p>
  );
}

function sentence(): string {
  if (!moment.value) return '';
  if (!earlier.value || !turnover.value) return 'The first circuit of the run: none before it to compare with.';
  const title = momentTitle(earlier.value);
  const since = besideMoment.value === undefined ? `Since “${title}”` : 'From A to B';
  return `${since}: ${turnoverInWords(turnover.value)}.`;
}
