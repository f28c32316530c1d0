/**
 * Task rows written by the grammar: pairs to find the agreement circuit with, sentences that teach the opposite
 * agreement (the experiment of Li et al. 2025, https://arxiv.org/abs/2502.06106), and text to see what that forgets.
 * Lives in the core, not beside the command that uses it, because a page writes the same tasks.
 */
import { Random } from '../task/random.js';
import type { Row } from '../task/schema.js';
import { flipSubject, render, structures, type Structure } from './agreement.js';
import type { Construction } from './constructions.js';
import { Draw } from './draw.js';
import { drawOnSide, mixture, sentence, text } from './sentences.js';

export interface RowsOptions {
  readonly seed: number;
  readonly count: number;
  /** Rows that `trainingText` does not show, of agreement with nouns that rows for tuning do not have. */
  readonly heldOut: boolean;
}

export interface AgreementOptions extends RowsOptions {
  /** In turn; all unless told. */
  readonly structures?: readonly Structure[];
}

/** Prompts that end before the main verb; the corrupted side has the subject in the other number. */
export function agreementPairs({ structures: chosen = structures, ...options }: AgreementOptions): Row<'pair'>[] {
  const { heldOut } = options;
  return distinct(options, (draw, i) => {
    const { found: clause } = drawOnSide(draw, heldOut, { structure: chosen[i % chosen.length]!, heldOut });
    const { words, main } = render(clause);
    const flipped = render(flipSubject(clause));
    return {
      id: `${clause.structure}-${i}`,
      clean: text(words.slice(0, main.pos)),
      corrupt: text(flipped.words.slice(0, main.pos)),
      answers: [` ${main.right}`],
      wrong_answers: [` ${main.wrong}`],
    };
  });
}

/** Whole sentences in which no verb agrees; each verb is a target whose good form is the one that should be learned. */
export function disagreementText({ structures: chosen = structures, ...options }: AgreementOptions): Row<'text'>[] {
  const { heldOut } = options;
  return distinct(options, (draw, i) => {
    const { found: clause } = drawOnSide(draw, heldOut, { structure: chosen[i % chosen.length]!, heldOut });
    const { words, verbs } = render(clause, { wrong: true });
    return {
      id: `${clause.structure}-${i}`,
      text: text(words),
      corrupt_text: text(render(flipSubject(clause), { wrong: true }).words),
      targets: verbs.map(({ pos, right, wrong }) => ({ pos, good: ` ${wrong}`, bad: ` ${right}` })),
    };
  });
}

/** Sentences of one construction, or of agreement as it should be. */
export function plainText(kind: Construction | 'agreement', options: RowsOptions): Row<'text'>[] {
  return distinct(options, (draw, i) => ({
    id: `${kind}-${i}`,
    text: text(sentence(draw, kind, options.heldOut).words),
  }));
}

/**
 * Text to train the embedded model on, a sentence a row: half agreement, half all the rest. Sentences and prompts that
 * are held out do not occur.
 */
export function trainingText({ seed, count }: Pick<RowsOptions, 'seed' | 'count'>): Row<'text'>[] {
  const draw = new Draw(new Random(seed));
  return Array.from({ length: count }, () => ({ text: text(sentence(draw, draw.weighted(mixture), false).words) }));
}

function distinct<Made extends object>({ seed, count }: RowsOptions, make: (draw: Draw, i: number) => Made): Made[] {
  const draw = new Draw(new Random(seed));
  const seen = new Set<string>();
  const rows: Made[] = [];
  for (let misses = 0; rows.length < count;) {
    const row = make(draw, rows.length);
    const key = JSON.stringify({ ...row, id: '' });
    if (!seen.has(key)) rows.push(row);
    else if (++misses > 50 * count) return rows; // small constructions run out
    seen.add(key);
  }
  return rows;
}
