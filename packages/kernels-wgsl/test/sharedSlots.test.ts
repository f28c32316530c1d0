/** What programs of a session share: as much as the hungriest of them needs, whichever was made first. */
import { afterEach, expect, test } from 'vitest';
import { gelu, Graph, matmulNN, matmulNT, Session, type Program } from '@circuit-tuning/core';
import { testGpu } from '@circuit-tuning/testkit';
import { kernels } from '../src/index.js';

const { device, subgroup, isSoftware } = await testGpu();
const sessions: Session[] = [];
afterEach(() => sessions.splice(0).forEach((session) => session.dispose()));

function opened(): Session {
  const session = new Session({ device, kernels, isSoftware, ...(subgroup && { subgroup }) });
  sessions.push(session);
  return session;
}

/** An MLP without weights of its own: temporaries grow with N, and those beside them with F. */
function compiled(session: Session, { N, F }: { N: number; F: number }): Promise<Program> {
  const graph = new Graph();
  const weight = graph.input('weight', [F, 8]);
  const pre = graph.call(matmulNT, { a: graph.input('x', [N, 8]), b: weight }, { label: 'in' }).y!;
  const post = graph.call(gelu, { x: pre }, { label: 'gelu' }).y!;
  return session.compile(graph, { y: graph.call(matmulNN, { a: post, b: weight }, { label: 'out' }).y! });
}

const inputs = ({ N, F }: { N: number; F: number }) => ({
  x: Float32Array.from({ length: N * 8 }, (_, i) => Math.sin(i)),
  weight: Float32Array.from({ length: F * 8 }, (_, i) => Math.cos(i)),
});

const small = { N: 4, F: 64 };
const large = { N: 96, F: 16 };

test('a program runs on after a larger one has taken the place of what it was bound to', async () => {
  const session = opened();
  const [first, second] = [await compiled(session, small), await compiled(opened(), large)];
  const alone = [await first.run(inputs(small)), await second.run(inputs(large))];
  const held = session.sharedBytes;
  const after = await compiled(session, large);
  expect(session.sharedBytes).toBeGreaterThan(held);
  expect([await first.run(inputs(small)), await after.run(inputs(large))]).toEqual(alone);
  // Sent before and not awaited: the device is done with it all the same.
  const flying = after.run(inputs(large));
  const larger = { N: 192, F: 16 };
  const third = await compiled(session, larger);
  expect(await flying).toEqual(alone[1]);
  await third.run(inputs(larger));
  expect([await first.run(inputs(small)), await after.run(inputs(large))]).toEqual(alone);
});

test('what they share does not depend on their order, and is no more than the largest of each rank', async () => {
  const [one, other] = [opened(), opened()];
  const programs = [await compiled(one, small), await compiled(one, large)];
  await compiled(other, large);
  await compiled(other, small);
  const sizes = programs.map(({ plan }) => plan.slots.toSorted((a, b) => b - a));
  const ranks = Math.max(...sizes.map(({ length }) => length));
  const needed = Array.from({ length: ranks }, (_, k) => Math.max(...sizes.map((slots) => slots[k] ?? 0)));
  expect(one.sharedBytes).toBe(needed.reduce((sum, size) => sum + size, 0));
  expect(other.sharedBytes).toBe(one.sharedBytes);
});
