import { TaskError } from '../errors.js';
import type { Batch } from './batch.js';
import type { Example, TokensExample } from './example.js';
import { packObjective, type Normalise, type Objective, type Term } from './objective.js';

export interface ObjectiveOptions {
  /** 'mean' for losses, 'perExample' for differences, unless told. */
  readonly normalise?: Normalise | undefined;
  /** Pad to this many rows and picks at least, for one shape over all batches. */
  readonly minM?: number | undefined;
  readonly minP?: number | undefined;
  /** Divide a 'mean' by this instead of the batch's own count, when several batches make one step. */
  readonly count?: number | undefined;
}

type Over = 'all' | 'answers' | 'weighted';

export interface NllOptions extends ObjectiveOptions {
  /**
   * 'all': every next token, the answer past the end of a prompt included; 'answers': the good answers alone;
   * 'weighted': all, with the answers' log-probability multiplied by 1/p. Padding never counts.
   */
  readonly over?: Over | undefined;
  /** Of 'weighted', in (0, 1]; 1 is the same as 'all'. The mean still divides by the number of tokens. */
  readonly p?: number | undefined;
  /**
   * Adds so many times the size of the batch's mean logit difference, |mean over examples of logit[good] - logit[bad]|:
   * what a batch prefers on the whole costs, and opposite preferences cancel (circuit-tuning's loss against gender bias,
   * arXiv 2502.06106). Needs what `logitDiff` needs.
   */
  readonly biasPenalty?: number | undefined;
}

/** What one position of an example predicts. Several ids: the mean of their losses. */
interface Prediction {
  readonly t: number;
  readonly ids: readonly number[];
  readonly isAnswer: boolean;
}

/** Negative log-likelihood in nats: log-sum-exp minus the logit of the token. */
export function nll(batch: Batch, options: NllOptions = {}): Objective {
  const { over = 'all', p = 1, normalise = 'mean', biasPenalty } = options;
  if (!(p > 0 && p <= 1)) {
    throw new TaskError({ where: 'p', rule: 'must lie in (0, 1]', got: p, cure: 'Give 1 for no extra weight' });
  }
  const chosen = batch.examples.map((example) => predictionsOf(example, over));
  const tokens = chosen.reduce((so, predictions) => so + predictions.length, 0);
  const terms = chosen.flatMap((predictions, e) => {
    const scale = 1 / (normalise === 'mean' ? (options.count ?? tokens) : predictions.length);
    return predictions.map(({ t, ids, isAnswer }): Term => {
      const weight = isAnswer && over === 'weighted' ? scale / p : scale;
      return {
        // Good continuations lie in the even rows of a paired batch.
        row: e * batch.rowsPerExample * batch.T + t,
        example: e,
        picks: ids.map((id) => ({ id, weight: -weight / ids.length })),
        lseWeight: weight,
      };
    });
  });
  const { minM, minP } = options;
  const packed = { examples: chosen.length, normalise, count: tokens, decides: 'nothing', minM, minP } as const;
  if (biasPenalty === undefined) return packObjective(terms, packed);
  const differences = differenceTerms(batch, 1 / chosen.length).map(({ picks, ...term }): Term => ({
    ...term,
    picks: picks.map(({ id, weight }) => ({ id, weight: 0, penalty: weight })),
  }));
  return packObjective([...terms, ...differences], { ...packed, penalty: biasPenalty });
}

/** How many predictions `nll` averages over: what `count` of several batches adds up to. */
export function predictionCount(batch: Batch, over: Over = 'all'): number {
  return batch.examples.reduce((so, example) => so + predictionsOf(example, over).length, 0);
}

/**
 * The mean over an example's targets of logit[good] - logit[bad], read at pos - 1; several good or bad ids are
 * averaged (Wang et al. 2022, arXiv 2211.00593, for one of each). Needs examples with targets that have both.
 */
export function logitDiff(batch: Batch, options: ObjectiveOptions = {}): Objective {
  const { normalise = 'perExample', minM, minP } = options;
  const examples = batch.examples.length;
  const terms = differenceTerms(batch, 1 / (normalise === 'mean' ? (options.count ?? examples) : 1));
  return packObjective(terms, {
    examples,
    normalise,
    count: examples,
    decides: 'row',
    minM,
    minP: Math.max(minP ?? 0, 2),
  });
}

/** A term for each target; those of an example add up to `whole` times its mean difference. */
function differenceTerms(batch: Batch, whole: number): Term[] {
  return batch.examples.flatMap((example, e) => {
    const { targets } = withAnswers(example);
    const scale = whole / targets.length;
    return targets.map(({ pos, good, bad }): Term => {
      const picks = [
        ...good.map((id) => ({ id, weight: scale / good.length })),
        ...bad.map((id) => ({ id, weight: -scale / bad.length })),
      ];
      return { row: e * batch.T + pos - 1, example: e, picks, lseWeight: 0 };
    });
  });
}

/**
 * log p(good answer) - log p(bad answer), each the sum over its tokens. For single-token answers the log-sum-exp
 * cancels and this is the logit difference. Sequences need a batch with `sides: 'both'`.
 */
export function logProbDiff(batch: Batch, options: ObjectiveOptions = {}): Objective {
  if (batch.examples[0]?.kind !== 'sequence') return logitDiff(batch, options);
  const { normalise = 'perExample', minM, minP } = options;
  const examples = batch.examples.length;
  const terms = batch.examples.flatMap((example, e) => {
    if (example.kind !== 'sequence' || example.badAnswer.length === 0 || batch.rowsPerExample !== 2) {
      throw new TaskError({
        where: `line ${example.line}`,
        rule: 'a sequence difference needs a row for the good and one for the bad answer',
        got: batch.rowsPerExample === 2 ? `no bad answer in ${example.id}` : 'a batch of good answers alone',
        cure: batch.rowsPerExample === 2 ? 'Add "wrong_answers"' : "Make the batches with sides: 'both'",
      });
    }
    const scale = normalise === 'mean' ? 1 / (options.count ?? examples) : 1;
    const start = example.prompt.length - 1;
    const side = (answer: readonly number[], row: number, sign: number) =>
      answer.map((id, at): Term => ({
        row: row * batch.T + start + at,
        example: e,
        picks: [{ id, weight: sign * scale }],
        lseWeight: -sign * scale,
      }));
    return [...side(example.goodAnswer, 2 * e, 1), ...side(example.badAnswer, 2 * e + 1, -1)];
  });
  return packObjective(terms, { examples, normalise, count: examples, decides: 'example', minM, minP });
}

/**
 * Inside a text the text itself is predicted. Where a target asks for something else than the text says, the loss on
 * answers predicts what is good, and the loss over all tokens stays with the text.
 */
function predictionsOf(example: Example, over: Over): Prediction[] {
  if (example.kind === 'sequence') {
    const ids = [...example.prompt, ...example.goodAnswer];
    const all = ids.slice(1).map((id, t) => ({ t, ids: [id], isAnswer: t + 1 >= example.prompt.length }));
    return over === 'answers' ? all.filter(({ isAnswer }) => isAnswer) : all;
  }
  const { tokens, targets } = example;
  const goodAt = new Map(targets.map(({ pos, good }) => [pos, good]));
  const said = (pos: number, good: readonly number[]) => good.filter((id) => id === tokens[pos]).slice(0, 1);
  if (over === 'answers') {
    return [...goodAt].map(([pos, good]) => {
      const [id] = said(pos, good);
      return { t: pos - 1, ids: id === undefined ? good : [id], isAnswer: true };
    });
  }
  const inside = tokens
    .slice(1)
    .map((id, t) => ({ t, ids: [id], isAnswer: said(t + 1, goodAt.get(t + 1) ?? []).length > 0 }));
  const beyond = goodAt.get(tokens.length);
  return beyond ? [...inside, { t: tokens.length - 1, ids: beyond, isAnswer: true }] : inside;
}

function withAnswers(example: Example): TokensExample {
  const where = `line ${example.line}`;
  if (example.kind !== 'tokens') {
    throw new TaskError({
      where,
      rule: 'a logit difference needs answers of a single token',
      got: `answers of ${example.goodAnswer.length} and ${example.badAnswer.length} tokens in ${example.id}`,
      cure: 'Use the sequence log-probability difference, or choose other answers',
    });
  }
  if (example.targets.length === 0 || example.targets.some(({ bad }) => bad.length === 0)) {
    throw new TaskError({
      where,
      rule: 'a logit difference needs a good and a bad answer at every target',
      got: example.targets.length === 0 ? `no target in ${example.id}` : `a target without bad in ${example.id}`,
      cure: 'Add "targets" with "good" and "bad" to the row, or use the loss over all tokens',
    });
  }
  return example;
}
