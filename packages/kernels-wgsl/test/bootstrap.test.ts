/** The bootstrap against populations whose true scores are known, against plain loops, and against other draws. */
import { afterEach, describe, expect, test } from 'vitest';
import {
  bootstrapIntervals,
  drawCounts,
  nodesOf,
  Random,
  Session,
  sharedOf,
  stabilityOf,
  topEdges,
  visitResamples,
  allEdges,
} from '@circuit-tuning/core';
import { testGpu } from '@circuit-tuning/testkit';
import { kernels } from '../src/index.js';
import { tinyGpt2 } from './tinyModels.js';

const { device, subgroup, isSoftware } = await testGpu();
const sessions: Session[] = [];
const open = (): Session => {
  const session = new Session({ device, kernels, isSoftware, ...(subgroup && { subgroup }) });
  sessions.push(session);
  return session;
};
afterEach(() => sessions.splice(0).forEach((opened) => opened.dispose()));

/** So many examples, each with scores of as many edges, all draws of one population. */
function draws(examples: number, edges: number, one: (random: Random, edge: number) => number, seed = 3) {
  return Array.from({ length: examples }, (_, e) => {
    const random = new Random(seed, e);
    return Float32Array.from({ length: edges }, (_, edge) => one(random, edge));
  });
}
const upTo = (edges: number): Uint32Array => Uint32Array.from({ length: edges }, (_, edge) => edge);

describe('95% intervals of 40 examples hold the true score in 93 to 97% of 1,000 draws', () => {
  // The last is what scores are made of: a delta times a gradient.
  test.each([
    ['of normal scores', 1, (random: Random) => 1 + 2 * random.normal()],
    ['of skewed scores', 1, (random: Random) => -Math.log(1 - random.float())],
    ['of scores near the smallest that f32 has', 1e-30, (random: Random) => 1e-30 * (1 + random.normal())],
    ['of products', 1, (random: Random) => (1 + 0.7 * random.normal()) * (1 + 0.7 * random.normal())],
  ] as const)('%s', async (_, truth, one) => {
    const { low, high } = await bootstrapIntervals(open(), draws(40, 1000, one), upTo(1000));
    const covered = low.reduce((sum, from, edge) => sum + (from <= truth && truth <= high[edge]! ? 1 : 0), 0);
    expect(covered).toBeGreaterThanOrEqual(930);
    expect(covered).toBeLessThanOrEqual(970);
  });
});

test('a higher confidence makes wider intervals, and more examples narrower ones', async () => {
  const session = open();
  const width = async (examples: number, confidence: number) => {
    const scores = draws(examples, 50, (random) => random.normal());
    const { low, high } = await bootstrapIntervals(session, scores, upTo(50), { confidence, resamples: 500 });
    return low.reduce((sum, from, edge) => sum + high[edge]! - from, 0);
  };
  expect(await width(20, 0.99)).toBeGreaterThan(1.2 * (await width(20, 0.95)));
  // the width goes with 1/√n
  expect((await width(20, 0.95)) / (await width(80, 0.95))).toBeGreaterThan(1.7);
});

test('means of resamples are those of a plain loop, and a re-run has the same bits, in however many parts', async () => {
  // so long that not all resamples are kept at once
  const scores = draws(9, 150_000, (random, edge) => edge + random.normal());
  const some = Uint32Array.of(0, 13, 149_999);
  const options = { resamples: 120, seed: 5 };
  const counts = drawCounts(9, 120, 5);
  expect(counts.subarray(0, 9).reduce((sum, count) => sum + count, 0)).toBe(9);
  const run = async () => {
    const seen: number[][] = [];
    await visitResamples(
      open(),
      scores,
      some,
      options,
      (b, values) => (seen[b] = [...some].map((edge) => values[edge]!)),
    );
    return seen;
  };
  const found = await run();
  const want = Array.from({ length: 120 }, (_, b) =>
    [...some].map((edge) => scores.reduce((sum, one, e) => sum + counts[b * 9 + e]! * one[edge]!, 0) / 9),
  );
  for (const [b, values] of found.entries())
    for (const [i, value] of values.entries())
      expect(Math.abs(value - want[b]![i]!)).toBeLessThan(1e-5 * (1 + want[b]![i]!));
  expect(await run()).toEqual(found);

  // more edges than one product takes
  const few = draws(9, 2500, (random) => random.normal());
  const { low, high } = await bootstrapIntervals(open(), few, upTo(2500), { seed: 5 });
  const alone = await bootstrapIntervals(open(), few, upTo(2500).slice(2400), { seed: 5 });
  expect([...alone.low.subarray(2400), ...alone.high.subarray(2400)]).toEqual([
    ...low.subarray(2400),
    ...high.subarray(2400),
  ]);
  const other = await bootstrapIntervals(open(), few, upTo(2500).slice(2400), { seed: 6 });
  expect(other.low[2499]).not.toBe(low[2499]);
});

test('a score that is the same in all examples is its own interval; one that only one example has is unbounded', async () => {
  const scores = draws(30, 3, (_, edge) => [0, 0.7, 0][edge]!);
  scores[4]![2] = 1;
  const { low, high } = await bootstrapIntervals(open(), scores, upTo(3));
  expect([low[0], high[0]]).toEqual([0, 0]);
  expect(low[1]).toBeCloseTo(0.7, 6);
  expect(high[1]).toBeCloseTo(0.7, 6);
  // A third of the resamples do not know of it.
  expect(high[2]).toBe(Infinity);
  expect(low[2]).toBeLessThan(0);
});

test('what two draws of the data would share is what the bootstrap says of one', async () => {
  const nodes = nodesOf(tinyGpt2);
  const edges = allEdges(nodes);
  const strength = new Map([...new Random(1).shuffle([...edges])].map((edge, rank) => [edge, 3 * 0.985 ** rank]));
  const sample = (seed: number) =>
    draws(
      60,
      nodes.sources.length * nodes.reads.length,
      (random, edge) => (strength.get(edge) ?? 0) + random.normal(),
      seed,
    );
  const circuitOf = (scores: Float32Array[]) =>
    topEdges(nodes, scores[0]!.map((_, i) => scores.reduce((sum, one) => sum + one[i]!, 0)), 40).edges; // prettier-ignore
  const shared: number[] = [];
  for (let seed = 100; seed < 130; seed += 2)
    shared.push(sharedOf(circuitOf(sample(seed)), circuitOf(sample(seed + 1))));
  const want = shared.reduce((sum, share) => sum + share, 0) / shared.length;
  const options = { topN: 40, select: { rule: 'top-n' }, resamples: 400 } as const;
  const { kept, inclusion, jaccard } = await stabilityOf(open(), { nodes, perExample: sample(7) }, options);
  expect(want).toBeGreaterThan(0.5);
  expect(want).toBeLessThan(0.95);
  expect(Math.abs(kept.mean - want)).toBeLessThan(0.06);
  expect(kept.low).toBeLessThan(kept.mean);
  expect(kept.high).toBeGreaterThan(kept.mean);
  expect(jaccard.mean).toBeLessThan(kept.mean);
  expect(inclusion.reduce((sum, share) => sum + share, 0)).toBeCloseTo(40, 3);
});

test('a bootstrap that means nothing is refused', async () => {
  const refused = (examples: number, options = {}) =>
    expect(
      bootstrapIntervals(
        open(),
        draws(examples, 2, () => 1),
        upTo(2),
        options,
      ),
    ).rejects;
  await refused(7).toThrow(
    'bootstrap: needs at least 8 examples to draw from, got 7. Take more examples: intervals of fewer than 30 are rough',
  );
  await refused(8, { resamples: 99 }).toThrow(
    'resamples: must be a whole number from 100, got 99. Leave it out for 2000',
  );
  await refused(8, { confidence: 0.5 }).toThrow('confidence: must lie between 0.5 and 1, got 0.5. As in 0.95');
});
