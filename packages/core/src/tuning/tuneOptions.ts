/** What a tuning is told: how it searches, what it takes a step on, and what of it cannot be. */
import { ConfigError, TaskError } from '../errors.js';
import type { BootstrapOptions } from '../attribution/bootstrap.js';
import type { AttributeOptions } from '../attribution/scores.js';
import type { EdgeSchedule, Selection } from '../circuit/select.js';
import type { Example } from '../task/example.js';
import { methodOf, type Method } from './methods/index.js';
import type { Hyper } from './optimizer.js';
import type { StepSize } from './stepBatches.js';

/** How edges are scored, and when. */
export interface SearchOptions extends Omit<
  AttributeOptions,
  'batchSize' | 'perExample' | 'onProgress' | 'bucket' | 'keep'
> {
  /** Edges kept; the rule `threshold` does not look at it. */
  readonly topN: number | EdgeSchedule;
  /** By which rule they are; `top-n` unless told. */
  readonly select?: Selection;
  /** Of the rule `stable`. */
  readonly bootstrap?: BootstrapOptions;
  /** K: search before steps 0, K, 2K, … */
  readonly every: number;
  /** Examples to search on; unless given, those of the step's own batch. */
  readonly examples?: readonly Example[];
  /** How many of `examples` a search draws; all unless told. */
  readonly sample?: number;
  /**
   * Bytes on the device that a search may keep of its forward pass for the step after it, where each step searches on its
   * own batch; 512 MiB unless told. Above, the step computes it again, with the same bits.
   */
  readonly forwardBytes?: number;
}

export interface TuneOptions extends Hyper, StepSize {
  readonly method: Method;
  readonly steps: number;
  /** Tokens the loss is taken over: all, those of the answers, or all with the answers' log-probability times 1/p. */
  readonly objective: 'all' | 'answers' | 'weighted';
  readonly p?: number;
  /** Times |mean logit difference of the batch|, added to the loss; one batch an update only. */
  readonly biasPenalty?: number;
  /** Needed by every method but `full`. */
  readonly search?: SearchOptions;
  /** Of the methods circuit and fixed: share of the parameters outside, in random slices, that is tuned with them. */
  readonly extra?: number;
  /** Of the method lora; by default the rank of as many parameters as the circuit, and alpha equal to it. */
  readonly lora?: { readonly rank?: number; readonly alpha?: number };
}

/** @throws TaskError without examples; ConfigError where options do not go together. */
export function requireTunable(examples: readonly Example[], options: TuneOptions): void {
  const { method, search, batchSize, accumulation, biasPenalty } = options;
  if (examples.length === 0)
    throw new TaskError({
      where: 'tune',
      rule: 'needs at least one example',
      got: 'none',
      cure: 'Give a task with rows',
    });
  if (methodOf(method).searches !== 'never' && !search)
    throw new ConfigError({
      where: `tune: method ${method}`,
      rule: 'needs a search',
      got: 'none',
      cure: 'Say how to search, or use method full',
    });
  if (biasPenalty !== undefined && accumulation > 1)
    throw new ConfigError({
      where: 'accumulation',
      rule: 'must be 1 with a bias penalty, which looks at the mean of one batch',
      got: accumulation,
      cure: 'Make batches larger instead',
    });
  for (const [where, value] of [
    ['batch-size', batchSize],
    ['accumulation', accumulation],
    ['every', search?.every ?? 1],
  ] as const)
    if (!Number.isInteger(value) || value < 1)
      throw new ConfigError({ where, rule: 'must be a whole number from 1', got: value, cure: 'Give 1 or more' });
}
