/** What the steps of circuit-tuning must at least cost beside a plain one, counted in the work of work.ts. */
import { nodesOf, type ModelConfig, type OptimizerKind } from '@circuit-tuning/core';
import { attribution, forward, plus, tail, toActivations, update, weightGradients, type Amount } from './work.js';

export interface StepsShape {
  readonly B: number;
  readonly T: number;
  readonly optimizer: OptimizerKind;
  /** Of the weights of all layers that the circuit tunes. */
  readonly tuned: number;
}

export interface Parts {
  readonly forward: Amount;
  /** Down to the embeddings. */
  readonly toActivations: Amount;
  readonly weightGradients: Amount;
  readonly update: Amount;
  readonly deltas: Amount;
  readonly reads: Amount;
  readonly pairs: Amount;
}

/** The loss reads every position, and every position is scored. */
export function partsOf(config: ModelConfig, { B, T, optimizer }: StepsShape): Parts {
  const shape = { B, T, M: B * T };
  return {
    forward: forward(config, shape),
    toActivations: toActivations(config, shape),
    weightGradients: weightGradients(config, shape),
    update: update(config, optimizer),
    ...attribution(nodesOf(config, { convention: 'circuit-tuning' }), B * T),
  };
}

export interface Steps {
  readonly full: Amount;
  /** Forward and backward for a metric that reads one row of each example, and scores of all positions. */
  readonly score: Amount;
  readonly masked: Amount;
  /** A search and a masked step that share nothing. */
  readonly search: Amount;
  /** A search and a masked step on one forward pass. */
  readonly sharedSearch: Amount;
  /** One search every 8 steps, a step. */
  readonly amortised8: Amount;
  /** A search whose scores look at the answers alone, one row of each example. */
  readonly scoreAnswers: Amount;
  /** Such a search and a masked step that share nothing. */
  readonly answers: Amount;
  /** The same on one forward pass. */
  readonly sharedAnswers: Amount;
}

/** As if the lowest layer had a node in the circuit: a backward pass that ends earlier costs less. */
export function stepsOf(config: ModelConfig, asked: StepsShape): Steps {
  const { B, T, optimizer, tuned } = asked;
  const parts = partsOf(config, asked);
  const all = { B, T, M: B * T };
  const metric = { B, T, M: B };
  const nodes = nodesOf(config, { convention: 'circuit-tuning' });
  const scored = (rows: number): Amount => {
    const { deltas, reads, pairs } = attribution(nodes, rows);
    return plus(deltas, reads, pairs);
  };
  const everywhere = plus(toActivations(config, metric), scored(B * T));
  const atAnswers = plus(tail(config, metric), scored(B));
  const masked = plus(
    parts.forward,
    parts.toActivations,
    weightGradients(config, all, tuned),
    update(config, optimizer, tuned),
  );
  const score = plus(forward(config, metric), everywhere);
  const scoreAnswers = plus(forward(config, metric), atAnswers);
  const eighth = { flops: score.flops / 8, bytes: score.bytes / 8 };
  return {
    full: plus(parts.forward, parts.toActivations, parts.weightGradients, parts.update),
    score,
    masked,
    search: plus(score, masked),
    sharedSearch: plus(everywhere, masked),
    amortised8: plus(eighth, masked),
    scoreAnswers,
    answers: plus(scoreAnswers, masked),
    sharedAnswers: plus(atAnswers, masked),
  };
}
