/** What of an error reaches the other side of a message channel. */
import { ConfigError } from '@circuit-tuning/core';
import { createBirpc } from 'birpc';
import { afterAll, expect, test } from 'vitest';
import { portChannel, type Port } from '../../src/engine/channel.js';
import { EventStream } from '../../src/engine/eventStream.js';
import { LabError, troubleOf } from '../../src/engine/trouble.js';

const facts = { where: 'tuning.steps', rule: 'must be a number', got: 'x', cure: 'Write 20' };
const { port1, port2 } = new MessageChannel();
const asPort = (port: MessagePort): Port => (port.start(), port as unknown as Port);
createBirpc<object>(
  {
    check: () => Promise.reject(new ConfigError(facts)),
    start: () => Promise.reject(new TypeError('no device')),
    save: () => new Blob(['zip']),
  },
  portChannel(asPort(port1)),
);
const engine = createBirpc<{ check(): void; start(): void; save(): Blob }>({}, portChannel(asPort(port2)));
afterAll(() => port1.close());

test('an error of ours crosses with its place, its rule, what was got, and the cure', async () => {
  const error: unknown = await engine.check().catch((it: unknown) => it);
  expect(error).toBeInstanceOf(LabError);
  expect(error).toMatchObject({ kind: 'ConfigError', name: 'ConfigError', ...facts });
  expect((error as LabError).message).toBe('tuning.steps: must be a number, got x. Write 20.');
  expect(troubleOf(error)).toEqual({ kind: 'ConfigError', message: (error as LabError).message, ...facts });
});

test('any other error crosses with its name and its words, and nothing is made up', async () => {
  const error: unknown = await engine.start().catch((it: unknown) => it);
  expect(error).toMatchObject({ kind: 'TypeError', message: 'no device' });
  expect(troubleOf(error)).toEqual({ kind: 'TypeError', message: 'no device' });
  expect(troubleOf('halt')).toEqual({ kind: 'Error', message: 'halt' });
});

test('what is not an error crosses as it is', async () => {
  expect((await engine.save()).size).toBe(3);
});

test('a stream of events tells what was pushed, in order, until it ends', async () => {
  let returned = 0;
  const stream = new EventStream<number>(() => returned++);
  stream.push(1);
  stream.push(2);
  setTimeout(() => {
    stream.push(3);
    stream.end();
    stream.push(4);
  });
  const told: number[] = [];
  for await (const value of stream) told.push(value);
  expect(told).toEqual([1, 2, 3]);
  const left = new EventStream<number>(() => returned++);
  left.push(1);
  for await (const value of left) {
    expect(value).toBe(1);
    break;
  }
  expect(returned).toBe(1);
});
