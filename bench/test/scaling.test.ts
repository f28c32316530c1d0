import { describe, expect, it } from 'vitest';
import { testGpu } from '@circuit-tuning/testkit';
import { costsOf } from '../src/scaling/command.js';
import { plotScaling, slope } from '../src/scaling/plot.js';
import { shapeOf } from '../src/shapes.js';

describe('slope', () => {
  it('is the exponent of a power law', () => {
    const points = [1, 2, 4, 8].map((x) => [x, 3 * x ** 2] as const);
    expect(slope(points)).toBeCloseTo(2, 12);
  });
});

describe('bench scaling', () => {
  it('takes the products of pairs apart from the rest of a search, and counts edges', async () => {
    const sizes = [
      { L: 1, T: 8 },
      { L: 2, T: 8 },
    ];
    const costs = await costsOf(await testGpu(), { config: shapeOf('tiny'), B: 2, sizes, rounds: 1 });
    // 2 heads and an MLP a layer: an MLP reads its heads, and the next layer's 6 reads and MLP all that came before
    expect(costs.map(({ edges }) => edges)).toEqual([2, 2 + 6 * 3 + 5]);
    for (const { pairs, rest } of costs) expect(Math.min(pairs, rest)).toBeGreaterThanOrEqual(0);
  });

  it('draws a curve for each part', () => {
    const points = [
      [1, 2],
      [2, 4],
    ] as const;
    const svg = plotScaling([{ title: 'layers', series: [{ name: 'all', points }] }]);
    expect(svg).toMatch(/^<svg /);
    expect(svg.match(/<circle/g)).toHaveLength(2 + 1);
    expect(svg).toContain('by layers');
  });
});
