/** All searches of the run in a row: go to one, play them as a film, put two beside each other. */
import { useSignalEffect } from '@preact/signals';
import { goLive, goTo, isPlaying, playFilm, speed, SPEEDS, stopFilm } from './film.js';
import { bandsOf, methodTitle, momentTitle } from './moments.js';
import { prefersStillness } from './stillness.js';
import { besideMoment, chosenMoment, colourBy, isLive, momentIndex, moments, status } from '../state.js';
import { Track } from './timelineTrack.js';
import { TurnoverWords } from './turnoverWords.js';
import './timelinePanel.css';

export function TimelinePanel() {
  // another run is another film
  useSignalEffect(() => {
    if (moments.value.length === 0) stopFilm();
  });
  if (moments.value.length === 0) return null;
  return (
    <section class="panel timeline" aria-labelledby="timeline-title">
      <div class="panel-head">
        <h2 id="timeline-title">Time</h2>
        <p class="hint">Every search of the run, method after method. Each method starts from the base model.</p>
      </div>
      <div class="timeline-row">
        <Film />
        <Track />
        <LiveButton />
      </div>
      <div class="timeline-row">
        <CompareWith />
        <TurnoverWords />
      </div>
    </section>
  );
}

function Film() {
  const [index, last] = [momentIndex.value, moments.value.length - 1];
  const step = (by: number) => () => {
    stopFilm();
    goTo(index + by);
  };
  const still = prefersStillness.value;
  return (
    <div class="film" role="group" aria-label="Film">
      <button
        type="button"
        title="The search before (←)"
        aria-label="Previous"
        disabled={index <= 0}
        onClick={step(-1)}
      >
        ‹
      </button>
      {!still && (
        <button
          type="button"
          class="play"
          title={isPlaying.value ? 'Stop the film' : 'Play all searches as a film'}
          disabled={last < 1}
          onClick={() => (isPlaying.value ? stopFilm() : playFilm())}
        >
          {isPlaying.value ? '❚❚ Stop' : '▶ Film'}
        </button>
      )}
      <button type="button" title="The next search (→)" aria-label="Next" disabled={index >= last} onClick={step(1)}>
        ›
      </button>
      {!still && (
        <select
          aria-label="Speed of the film"
          title="Searches a second"
          value={speed.value}
          onChange={(event) => (speed.value = Number(event.currentTarget.value))}
        >
          {SPEEDS.map((it) => (
            <option key={it} value={it}>
              {it}/s
            </option>
          ))}
        </select>
      )}
    </div>
  );
}

function LiveButton() {
  if (!isLive.value || status.value.phase === 'done') return null;
  const isFollowing = chosenMoment.value === undefined;
  return (
    <button
      type="button"
      class="live"
      aria-pressed={isFollowing}
      title={isFollowing ? 'The newest search is shown as it comes' : 'Show the newest search again, as it comes'}
      onClick={goLive}
    >
      <span aria-hidden="true">●</span> Live
    </button>
  );
}

/** The moment that stays while the slider moves. */
function CompareWith() {
  const all = moments.value;
  const choose = (value: string): void => {
    besideMoment.value = value === '' ? undefined : Number(value);
    colourBy.value = value === '' ? 'sign' : 'change';
  };
  return (
    <label class="compare" title="Two pictures of one scale: A stays, B follows the slider">
      Compare with
      <select value={besideMoment.value ?? ''} onChange={(event) => choose(event.currentTarget.value)}>
        <option value="">nothing: one picture</option>
        {bandsOf(all).map(({ method, first, last }) => (
          <optgroup key={first} label={method === undefined ? 'The base model' : methodTitle(method)}>
            {all.slice(first, last + 1).map((it, i) => (
              <option key={it.key} value={first + i}>
                {momentTitle(it)}
              </option>
            ))}
          </optgroup>
        ))}
      </select>
    </label>
  );
}
