import { describe, expect, it } from 'vitest';
import {
  CircuitTuningError,
  ConfigError,
  LayoutError,
  LimitError,
  ShapeError,
  show,
  TaskError,
  WeightError,
} from '../src/errors.js';

const facts = { where: 'matmul', rule: 'inner dimensions must agree', got: '768 and 3072', cure: 'Transpose one' };

describe('errors', () => {
  it.each([ConfigError, LayoutError, LimitError, ShapeError, TaskError, WeightError])(
    'say where, what must hold, what was got, and the cure (%o)',
    (Kind) => {
      const error = new Kind(facts);
      expect(error.message).toBe('matmul: inner dimensions must agree, got 768 and 3072. Transpose one.');
      expect(error).toMatchObject({ ...facts, name: Kind.kind });
      expect(error).toBeInstanceOf(CircuitTuningError);
    },
  );

  it('keep the error they explain, and a cure that is a question', () => {
    const cause = new Error('ENOSPC');
    const error = new LimitError({ ...facts, cure: 'Is the disk full?' }, { cause });
    expect(error.cause).toBe(cause);
    expect(error.message).toMatch(/Is the disk full\?$/);
  });

  it('show values as one would type them, and only the beginning of long ones', () => {
    expect([show('a'), show(undefined), show(10n), show([1, null])]).toEqual(['"a"', 'undefined', '10', '[1,null]']);
    expect(show('x'.repeat(100))).toHaveLength(80);
  });
});
