/** Changes of sign of what parts of a model write, on numbers made by hand. */
import { expect, it } from 'vitest';
import { partCourses, type PartReading } from '../../src/index.js';

const moment = (head: number, margin: number, mlp: number): { parts: PartReading[] } => ({
  parts: [
    { part: 'm0', direct: { mean: mlp } },
    { part: 'a0.h0', direct: { mean: head, margin }, ov: { mean: head / 10, margin } },
  ],
});

it('counts a change of sign once it is past its interval, and puts what spans most first', () => {
  const [head, mlp] = partCourses([moment(2, 0.1, 1), moment(-0.05, 0.1, 1), moment(0.5, 0.1, 1), moment(-3, 0.1, 2)]);
  expect(head).toEqual({
    part: 'a0.h0',
    direct: { first: 2, last: -3, least: -3, most: 2, signChanges: 1 },
    ov: { first: 0.2, last: -0.3, least: -0.3, most: 0.2, signChanges: 1 },
  });
  expect(mlp).toEqual({ part: 'm0', direct: { first: 1, last: 2, least: 1, most: 2, signChanges: 0 } });
});
