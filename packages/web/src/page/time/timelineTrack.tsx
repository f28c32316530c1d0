/** The slider over all searches, a tick for each, and below it whose they are. */
import { useComputed } from '@preact/signals';
import { lineOf } from '../../draw/theme.js';
import { goTo, stopFilm } from './film.js';
import { bandsOf, methodTitle, momentTitle } from './moments.js';
import { besideMoment, moment, momentIndex, moments } from '../state.js';

export function Track() {
  // a line under a single tick would read as an exclamation mark
  const bands = useComputed(() => bandsOf(moments.value).filter(({ first, last }) => last > first)).value;
  const last = moments.value.length - 1;
  // a slider with nowhere to go stands at its beginning
  const share = (index: number): number => (last === 0 ? 0 : index / last);
  const now = moment.value;
  return (
    <div class="track">
      <input
        type="range"
        min="0"
        max={Math.max(1, last)}
        step="1"
        value={momentIndex.value}
        disabled={last === 0}
        aria-label="Search that is shown"
        aria-valuetext={now && momentTitle(now)}
        onInput={(event) => {
          stopFilm();
          goTo(event.currentTarget.valueAsNumber);
        }}
      />
      <div class="ticks" aria-hidden="true">
        {moments.value.map((it, i) => (
          <i
            key={it.key}
            class={`${it.when} ${i === besideMoment.value ? 'beside' : ''}`}
            style={{ '--at': share(i), '--light': look(it.method).light, '--dark': look(it.method).dark }}
            title={momentTitle(it)}
          />
        ))}
      </div>
      <div class="bands" aria-hidden="true">
        {bands.map(({ method, first, last }) => (
          <span
            key={first}
            style={{
              '--from': share(first),
              '--to': share(last),
              '--light': look(method).light,
              '--dark': look(method).dark,
            }}
            title={method === undefined ? 'Before tuning' : methodTitle(method)}
          >
            {method !== undefined && last - first > 1 ? methodTitle(method) : ''}
          </span>
        ))}
      </div>
    </div>
  );
}

const look = (method = 'before') => lineOf(method);
