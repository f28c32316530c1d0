/** Play, pause, step and stop over a run that is only told. */
import type { RunEvent } from '@circuit-tuning/core';
import { describe, expect, test } from 'vitest';
import { Playback, type Mode } from '../../src/engine/playback.js';
import { Turns } from '../../src/engine/turns.js';

const step = (n: number): RunEvent => ({ kind: 'step', step: n, method: 'circuit', loss: 1, lr: 1, tuned: 1, t: 0 });
const metric = (n: number): RunEvent => ({ kind: 'metric', step: n, target: { value: 1 }, keep: {}, t: 0 });

/** Ends as runs do: an abort is noticed when the next event is asked for, and after steps the run is saved first. */
function playing(told: readonly RunEvent[], onEvent: (playback: Playback, label: string) => void = () => {}) {
  const log: string[] = [];
  const modes: Mode[] = [];
  const abort = new AbortController();
  async function* events(): AsyncGenerator<RunEvent> {
    for (const event of told) {
      yield event;
      if (!abort.signal.aborted) continue;
      log.push('saved');
      abort.signal.throwIfAborted();
    }
  }
  const turns = new Turns();
  const playback: Playback = new Playback({
    events: events(),
    abort,
    turn: (work) => turns.take(work),
    onEvent: async (event) => {
      const label = `${event.kind} ${'step' in event ? event.step : ''}`;
      log.push(label);
      onEvent(playback, label);
    },
    onMode: (mode) => modes.push(mode),
  });
  return { playback, log, modes };
}
const settled = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 5));

describe('a run that is played', () => {
  test('tells every event in order and is done', async () => {
    const { playback, log } = playing([metric(0), step(1), step(2)]);
    expect(await playback.ended).toBe('done');
    expect(log).toEqual(['metric 0', 'step 1', 'step 2']);
  });

  test('stops telling when it is paused, and goes on with the next event when it is played', async () => {
    const { playback, log, modes } = playing(
      [step(1), step(2), step(3)],
      (it, label) => label === 'step 2' && it.pause(),
    );
    await settled();
    expect([log, playback.mode]).toEqual([['step 1', 'step 2'], 'paused']);
    playback.play();
    expect(await playback.ended).toBe('done');
    expect([log, modes]).toEqual([
      ['step 1', 'step 2', 'step 3'],
      ['paused', 'playing'],
    ]);
  });

  test('pauses by itself after one step, with the measurement before it', async () => {
    const { playback, log } = playing(
      [step(1), metric(1), step(2), step(3)],
      (it, label) => label === 'step 1' && it.pause(),
    );
    await settled();
    playback.step();
    await settled();
    expect([log, playback.mode]).toEqual([['step 1', 'metric 1', 'step 2'], 'paused']);
  });

  test('can be paused and stopped before its first event', async () => {
    const { playback, log } = playing([step(1), step(2)]);
    playback.pause();
    await playback.stop();
    expect(await playback.ended).toBe('stopped');
    expect(log).toEqual(['step 1', 'saved']);
  });

  test('is saved when it is stopped while paused', async () => {
    const { playback, log } = playing([step(1), step(2), step(3)], (it, label) => label === 'step 2' && it.pause());
    await settled();
    await playback.stop();
    expect(await playback.ended).toBe('stopped');
    expect(log).toEqual(['step 1', 'step 2', 'saved']);
  });

  test('takes no more calls once it was stopped', async () => {
    const { playback, modes } = playing([step(1), step(2)]);
    await playback.stop();
    playback.play();
    playback.step();
    expect(modes).toEqual([]);
  });

  test('fails with what went wrong in it, and with what its listener throws', async () => {
    const broken = new Playback({
      // oxlint-disable-next-line require-yield -- it fails before its first event
      events: (async function* (): AsyncGenerator<RunEvent> {
        throw new Error('the loss is NaN');
      })(),
      abort: new AbortController(),
      turn: (work) => work(),
      onEvent: async () => {},
      onMode: () => {},
    });
    await expect(broken.ended).rejects.toThrow('the loss is NaN');
    const { playback } = playing([step(1)], () => {
      throw new Error('no listener');
    });
    await expect(playback.ended).rejects.toThrow('no listener');
    await expect(playback.stop()).resolves.toBeUndefined();
  });
});

test('turns are taken one after the other, and one that fails does not stop the next', async () => {
  const turns = new Turns();
  const log: string[] = [];
  const slow = turns.take(async () => {
    log.push('slow begins');
    await settled();
    log.push('slow ends');
    throw new Error('lost');
  });
  const next = turns.take(async () => log.push('next'));
  await expect(slow).rejects.toThrow('lost');
  await next;
  expect(log).toEqual(['slow begins', 'slow ends', 'next']);
});
