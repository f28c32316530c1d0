/** Errors as they cross between worker and page: structured clone keeps of an error little more than its message. */
import { CircuitTuningError } from '@circuit-tuning/core';
import type { Trouble } from './protocol.js';

/** Whatever was thrown, as plain data. */
export function troubleOf(error: unknown): Trouble {
  if (error instanceof CircuitTuningError) {
    const { name: kind, message, where, rule, got, cure } = error;
    return { kind, message, where, rule, got, cure };
  }
  if (error instanceof LabError) return { ...error.trouble };
  if (error instanceof Error) return { kind: error.name, message: error.message };
  return { kind: 'Error', message: String(error) };
}

/** What calls to the worker reject with: an error of the worker, with all of its parts. */
export class LabError extends Error implements Trouble {
  readonly trouble: Trouble;
  readonly kind: string;
  readonly where?: string;
  readonly rule?: string;
  readonly got?: string | number | bigint | boolean;
  readonly cure?: string;

  constructor(trouble: Trouble) {
    super(trouble.message);
    const { kind, where, rule, got, cure } = trouble;
    this.name = kind;
    this.trouble = trouble;
    this.kind = kind;
    if (where !== undefined) this.where = where;
    if (rule !== undefined) this.rule = rule;
    if (got !== undefined) this.got = got;
    if (cure !== undefined) this.cure = cure;
  }
}
