/** Which temporaries share memory: drawn at random, never at one time, and never against the rule of one dispatch. */
import { describe, expect, test } from 'vitest';
import { assignSlots, type Lifetime, type Slots, type Touch } from '../../src/plan/slots.js';
import { Random } from '../../src/task/random.js';

const ALIGNMENT = 256;

const total = ({ bytes }: Slots): number => bytes.reduce((sum, size) => sum + size, 0);

/** A chain of dispatches: each reads a few tensors that live, and writes one or two that live on for a while. */
function drawn(seed: number, dispatches: number): Lifetime[] {
  const random = new Random(seed);
  const tensors: Lifetime[] = [];
  const touch = (tensor: Lifetime, at: number, access: Touch['access']): void => {
    tensor.last = at;
    tensor.touches.push({ at, access });
  };
  for (let at = 0; at < dispatches; at++) {
    const read = new Set(Array.from({ length: Math.min(at, 3) }, () => random.below(tensors.length)));
    for (const i of read) touch(tensors[i]!, at, 'read');
    for (let made = 1 + random.below(2); made > 0; made--) {
      const tensor = { key: tensors.length, bytes: 4 * (1 + random.below(5000)), first: at, last: at, touches: [] };
      touch(tensor, at, 'read_write');
      tensors.push(tensor);
    }
  }
  return tensors;
}

describe('slots', () => {
  test.each([1, 2, 3])(
    'hold no two tensors in one place at one time, nor one read and one written (draw %i)',
    (seed) => {
      const tensors = drawn(seed, 120);
      const slots = assignSlots(tensors, ALIGNMENT, Infinity);
      const accessOf = new Map<string, Touch['access']>();
      for (const [i, a] of tensors.entries()) {
        const { slot, offset } = slots.of.get(a.key)!;
        expect(offset % ALIGNMENT).toBe(0);
        expect(offset + a.bytes).toBeLessThanOrEqual(slots.bytes[slot]!);
        for (const { at, access } of a.touches) {
          const known = accessOf.get(`${slot} ${at}`);
          if (known) expect(access).toBe(known);
          accessOf.set(`${slot} ${at}`, access);
        }
        for (const b of tensors.slice(i + 1)) {
          const other = slots.of.get(b.key)!;
          const areApart = offset + a.bytes <= other.offset || other.offset + b.bytes <= offset;
          expect(slot !== other.slot || areApart || a.last < b.first || b.last < a.first).toBe(true);
        }
      }
      const apart = tensors.reduce((sum, { bytes }) => sum + bytes, 0);
      expect(total(slots)).toBeLessThan(0.9 * apart);
    },
  );

  test('let what is dead make room for several smaller tensors at once', () => {
    const life = (key: number, bytes: number, first: number, last: number): Lifetime => {
      const touches = [first, last].map((at) => ({
        at,
        access: at === first ? ('read_write' as const) : ('read' as const),
      }));
      return { key, bytes, first, last, touches };
    };
    const tensors = [life(0, 1024, 0, 1), life(1, 512, 2, 6), life(2, 512, 3, 7)];
    expect(assignSlots(tensors, ALIGNMENT, Infinity).bytes).toEqual([1024]);
  });

  test('are no larger than a buffer may be, where no tensor alone is', () => {
    const tensors = drawn(4, 60);
    const most = Math.max(...tensors.map(({ bytes }) => bytes)) + 1024;
    const slots = assignSlots(tensors, ALIGNMENT, most);
    expect(Math.max(...slots.bytes)).toBeLessThanOrEqual(most);
    expect(slots.bytes.length).toBeGreaterThan(assignSlots(tensors, ALIGNMENT, Infinity).bytes.length);
  });
});
