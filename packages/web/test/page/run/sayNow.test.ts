import { expect, test } from 'vitest';
import type { CheckedFacts } from '../../../src/engine/protocol.js';
import { sayNow } from '../../../src/page/run/sayNow.js';

const facts = { model: { parameters: 167_104 } } as CheckedFacts;
const known = { facts, edges: 2461, tuned: 75_000 };

test('finding the circuit is told with the number of edges it is found among', () => {
  const { what, why } = sayNow({ phase: 'running', what: 'finding the circuit', done: 1, of: 2 }, known);
  expect(what).toBe('Finding the circuit: which of 2\u202f461 edges carry the task?');
  expect(why).toBe('Each edge is scored by how much the answer would change without it.');
});

test('a step of tuning is told with how much of the model may move', () => {
  const { what, why } = sayNow({ phase: 'running', what: 'tuning: circuit', done: 40, of: 100 }, known);
  expect(what).toBe('Tuning only the circuit, step 40 of 100: 75\u202f000 of 167\u202f104 numbers may move');
  expect(why).toMatch(/^Only the parts of the circuit learn/);
});

test('testing a circuit is told as the question it answers', () => {
  expect(sayNow({ phase: 'running', what: 'testing circuits' }).what).toBe(
    'Testing: does the circuit alone still do it?',
  );
});

test('a method that the page does not know is called by its name', () => {
  expect(sayNow({ phase: 'running', what: 'tuning: lora', done: 1, of: 2 }).what).toBe('Tuning by lora, step 1 of 2');
});

test('what a paused run was doing is still told', () => {
  expect(sayNow({ phase: 'paused', what: 'testing circuits' }).what).toBe(
    'Paused. Testing: does the circuit alone still do it?',
  );
});

test('a label that is new stands for itself', () => {
  expect(sayNow({ phase: 'loading', what: 'reading the experiment' }).what).toBe('Reading the experiment');
});

test('the loss of a device is told apart from other failures', () => {
  expect(sayNow({ phase: 'failed', isLost: true }).what).toBe('The graphics device was lost.');
  expect(sayNow({ phase: 'failed' }).what).toBe('The run could not go on.');
});

test('a run that is done says what was done', () => {
  const told = (methods: readonly string[]) =>
    sayNow({ phase: 'done' }, { facts: { ...facts, methods, steps: 100 } }).what;
  expect(told([])).toBe('Done.');
  expect(told(['circuit'])).toBe('Done: 100 steps by one method.');
  expect(told(['circuit', 'full'])).toBe('Done: 100 steps by each of 2 methods.');
});
