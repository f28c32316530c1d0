/**
 * One shape for everything that can be wrong: where it happened, what must hold, what was got instead, and the cure.
 * The message is `where: rule, got got. cure`, in the words of the person who can change it.
 * The class only says which kind of input was wrong, so that a caller can tell a bad file from a bad request.
 */
export interface ErrorFacts {
  /** The place in the user's terms: a file, a key of a config, a tensor, a line of a task file, an op and its label. */
  readonly where: string;
  /** What must hold. */
  readonly rule: string;
  /** What was there instead: a value as one would type it, or a few words. */
  readonly got: string | number | bigint | boolean;
  /** What to do about it: one or more sentences, without the closing period. */
  readonly cure: string;
}

export class CircuitTuningError extends Error implements ErrorFacts {
  readonly where: string;
  readonly rule: string;
  readonly got: string | number | bigint | boolean;
  readonly cure: string;

  constructor({ where, rule, got, cure }: ErrorFacts, options?: ErrorOptions) {
    super(`${where}: ${rule}, got ${got}. ${/[.!?]$/.test(cure) ? cure : `${cure}.`}`, options);
    // Not new.target.name: a bundler may rename a class, a static string stays.
    this.name = (new.target as typeof CircuitTuningError).kind;
    this.where = where;
    this.rule = rule;
    this.got = got;
    this.cure = cure;
  }

  static readonly kind: string = 'CircuitTuningError';
}

/** Tensors or dimensions that do not fit each other. */
export class ShapeError extends CircuitTuningError {
  static override readonly kind = 'ShapeError';
}

/** A kernel whose bindings, parameters or entry points do not match its op. */
export class LayoutError extends CircuitTuningError {
  static override readonly kind = 'LayoutError';
}

/** More than the adapter, or the machine, has. */
export class LimitError extends CircuitTuningError {
  static override readonly kind = 'LimitError';
}

/** A weight file that is damaged, or does not hold the tensors its model needs. */
export class WeightError extends CircuitTuningError {
  static override readonly kind = 'WeightError';
}

/** Task data: a line, a pair, an answer, a tokenizer that is missing. */
export class TaskError extends CircuitTuningError {
  static override readonly kind = 'TaskError';
}

/** A model config, an experiment file or an option that cannot be followed. */
export class ConfigError extends CircuitTuningError {
  static override readonly kind: string = 'ConfigError';
}

/** Training whose loss is no number any more: what was asked for can be run, and came to nothing. */
export class DivergenceError extends ConfigError {
  static override readonly kind = 'DivergenceError';
}

/** A value as a message shows it: strings quoted, lists and objects as JSON, long ones cut at 80 characters. */
export function show(value: unknown): string {
  const text = typeof value === 'bigint' ? String(value) : (JSON.stringify(value) ?? String(value));
  return text.length > 80 ? `${text.slice(0, 77)}...` : text;
}
