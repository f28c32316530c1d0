import { expect, test } from 'vitest';
import { gelu } from '../../src/index.js';

const xs = [-4, -1.3, 0.5, 2.7];
const at = (exact: number, x = Float64Array.from(xs)): Float64Array => gelu.forward({ x }, { N: x.length, exact }).y!;

// Expected numbers: Python's math.erfc and math.tanh.
test('exact = 1 is the erf form, to f64', () => {
  const want = [-0.00012668496733247986, -0.12584062996129344, 0.34573123063700656, 2.6906391707317905];
  at(1).forEach((y, i) => expect(Math.abs(y - want[i]!)).toBeLessThan(1e-15));
});

test('exact = 0 is the tanh form', () => {
  const want = [-7.024594819227126e-5, -0.1260709876826906, 0.34571400982514394, 2.6911124053605326];
  at(0).forEach((y, i) => expect(Math.abs(y - want[i]!)).toBeLessThan(1e-15));
});

test('the series and the continued fraction of erf meet where one takes over from the other', () => {
  const edge = 3 * Math.SQRT2;
  const [below, above] = at(1, Float64Array.of(-edge + 1e-9, -edge - 1e-9));
  // 2e-9 apart, and the slope there is below 4e-4
  expect(Math.abs(below! - above!)).toBeLessThan(1e-12);
});
