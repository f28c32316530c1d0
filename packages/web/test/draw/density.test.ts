import { describe, expect, it } from 'vitest';
import { Density, look, WEIGHTS } from '../../src/draw/density.js';
import { colourOf, toneMap } from '../../src/draw/haze.js';

/** Curves from bottom to top, and some that run sideways, all over a stage of 200 × 120 and beyond it. */
function curves(count: number): Float32Array {
  let seed = 7;
  const random = (): number => (seed = (seed * 48271) % 2147483647) / 2147483647;
  const place = (): [number, number] => [260 * random() - 30, 180 * random() - 30];
  return Float32Array.from(
    Array.from({ length: count }, () => [...place(), ...place(), ...place(), ...place()]).flat(),
  );
}
const whole = { scale: 1, x: 0, y: 0 };
const forever = (): boolean => false;
const sums = (density: Density): number[] => density.layers.map((layer) => layer.reduce((a, b) => a + b, 0));

describe('the density of edges', () => {
  it('is nothing again once every edge is taken away', () => {
    const density = new Density(200, 120, 2);
    const placed = curves(300);
    for (const placing of [whole, { scale: 0.5, x: 3, y: -7 }, { scale: 7.3, x: -400.5, y: -200.25 }]) {
      density.place(placed, placing);
      density.want(Array.from({ length: 300 }, (_, i) => look(i % 2, 1 + (i % (WEIGHTS - 1)))));
      expect(density.work(forever)).toBe(true);
      expect(sums(density).every((sum) => sum > 0)).toBe(true);
      density.want(new Uint16Array(300));
      density.work(forever);
      expect(density.layers.every((layer) => layer.every((cell) => cell === 0))).toBe(true);
    }
  });

  it('of one search after another is that of the last alone', () => {
    const placed = curves(200);
    const looks = (step: number) =>
      Array.from({ length: 200 }, (_, i) => look((i * step) % 3, (i * step * 31) % WEIGHTS));
    const alone = new Density(200, 120, 3);
    alone.place(placed, whole);
    alone.want(looks(5));
    alone.work(forever);
    const scrubbed = new Density(200, 120, 3);
    scrubbed.place(placed, whole);
    for (const step of [1, 2, 3, 4, 5]) {
      scrubbed.want(looks(step));
      scrubbed.work(forever);
    }
    expect(scrubbed.layers).toEqual(alone.layers);
  });

  it('can be interrupted, given other searches, and still ends where it should', () => {
    const placed = curves(2000);
    const looks = (step: number) => Array.from({ length: 2000 }, (_, i) => look(0, 1 + ((i * step) % 60)));
    const density = new Density(200, 120, 1);
    density.place(placed, whole);
    density.want(looks(3));
    expect(density.work(() => true)).toBe(false);
    density.want(looks(7));
    expect(density.work(() => true)).toBe(false);
    while (!density.work(() => true));
    const alone = new Density(200, 120, 1);
    alone.place(placed, whole);
    alone.want(looks(7));
    alone.work(forever);
    expect(density.layers).toEqual(alone.layers);
  });

  it('takes more edges later, and leaves those that were there', () => {
    const placed = curves(20);
    const density = new Density(200, 120, 1);
    density.place(placed.subarray(0, 8 * 12), whole);
    density.want(Array.from({ length: 12 }, () => look(0, 5)));
    density.work(forever);
    density.extend(placed);
    density.want(Array.from({ length: 20 }, () => look(0, 5)));
    density.work(forever);
    const alone = new Density(200, 120, 1);
    alone.place(placed, whole);
    alone.want(Array.from({ length: 20 }, () => look(0, 5)));
    alone.work(forever);
    expect(density.layers).toEqual(alone.layers);
  });

  it('of a straight line is its weight in one cell of each row', () => {
    const density = new Density(20, 40, 1);
    density.place(Float32Array.of(4.5, 35, 6, 25, 8, 15, 9.5, 5), whole);
    density.want([look(0, 9)]);
    density.work(forever);
    for (let row = 0; row < 40; row++) {
      const cells = Array.from(density.layers[0]!.subarray(row * 20, row * 20 + 20));
      expect(cells.filter((cell) => cell > 0)).toEqual(row > 5 && row <= 35 ? [9] : []);
    }
  });

  it('becomes colours: clear where nothing is, mixed by shares where both are', () => {
    const [positive, negative] = [Int32Array.of(0, 8, 4), Int32Array.of(0, 0, 4)];
    const pixels = new Uint32Array(3);
    toneMap([positive, negative], [colourOf('#0000ff'), colourOf('#ff0000')], pixels);
    const rgba = (i: number) => Array.from(new Uint8Array(pixels.buffer, 4 * i, 4));
    expect(rgba(0)).toEqual([0, 0, 0, 0]);
    expect(rgba(1).slice(0, 3)).toEqual([0, 0, 255]);
    expect(rgba(2).slice(0, 3)).toEqual([127, 0, 127]);
    expect(rgba(1)[3]).toBeGreaterThan(40);
  });
});
