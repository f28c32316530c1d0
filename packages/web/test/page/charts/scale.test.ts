/** Ticks of small pictures are round, and no two look the same. */
import { describe, expect, it } from 'vitest';
import { ticks, tickText } from '../../../src/page/charts/scale.js';

const texts = (low: number, high: number, count: number): string[] => {
  const all = ticks(low, high, count);
  return all.map((value) => tickText(value, all));
};

describe('ticks', () => {
  it('have as many decimals as tell them apart', () => {
    expect(texts(0.9998, 1.0034, 4)).toEqual(['1.000', '1.001', '1.002', '1.003']);
    expect(texts(-2.6, 7.1, 5)).toEqual(['−2', '0', '2', '4', '6']);
    expect(texts(-0.3, 0.3, 3)).toEqual(['−0.2', '0.0', '0.2']);
    expect(texts(1000, 4200, 3)).toEqual(['2\u202f000', '4\u202f000']);
  });

  it('stand alone where there is one value', () => {
    expect(texts(3.5, 3.5, 3)).toEqual(['3.50']);
  });
});
