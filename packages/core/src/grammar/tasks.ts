/**
 * Task rows written by the grammar: pairs to find the agreement circuit with, sentences that teach the opposite
 * agreement (the experiment of Li et al. 2025, https://arxiv.org/abs/2502.06106), and text to see what that forgets.
 * Lives in the core, not beside the command that uses it, because a page writes the same tasks.
 */
import { Random } from '../task/random.js';
import type { Row } from '../task/schema.js';
import { drawClause, drawSimple, flipSubject, render, structures, type Clause, type Structure } from './agreement.js';
import { write, type Construction } from './constructions.js';
import { Draw } from './draw.js';

export interface RowsOptions {
  readonly seed: number;
  readonly count: number;
  /** Rows made of what neither the embedded model's training nor any tuning text shows. */
  readonly heldOut: boolean;
}

export interface AgreementOptions extends RowsOptions {
  /** In turn; all unless told. */
  readonly structures?: readonly Structure[];
}

/** Prompts that end before the main verb; the corrupted side has the subject in the other number. */
export function agreementPairs({ structures: chosen = structures, ...options }: AgreementOptions): Row<'pair'>[] {
  return distinct(options, (draw, i) => {
    const clause = drawClause(draw, { structure: chosen[i % chosen.length]!, heldOut: options.heldOut });
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
  return distinct(options, (draw, i) => {
    const clause = drawClause(draw, { structure: chosen[i % chosen.length]!, heldOut: options.heldOut });
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
  return distinct(options, (draw, i) => ({ id: `${kind}-${i}`, text: text(sentence(draw, kind, options.heldOut)) }));
}

/**
 * Text to train the embedded model on: rows of `length` words, sentences one after the other, the last one cut.
 * Half agreement, half all the rest; sentences that `plainText` holds out do not occur.
 */
export function trainingText({ seed, count, length }: { seed: number; count: number; length: number }): Row<'text'>[] {
  const draw = new Draw(new Random(seed));
  return Array.from({ length: count }, () => {
    const words: string[] = [];
    while (words.length < length) words.push(...sentence(draw, draw.weighted(mixture), false));
    return { text: text(words.slice(0, length)) };
  });
}

export const mixture: Readonly<Record<Construction | 'agreement', number>> = {
  agreement: 5,
  gender: 1,
  determiner: 1,
  copy: 1,
  succession: 1,
  lookup: 1,
};

const structureWeights: Readonly<Record<Structure, number>> = { simple: 7, pp: 5, pp2: 2, orc: 3, src: 3 };

/** The words of one sentence on the asked side of the split. Exported for the entropy of the grammar. */
export function sentence(draw: Draw, kind: Construction | 'agreement', heldOut: boolean): string[] {
  if (kind === 'agreement') return [...render(clauseOf(draw, heldOut)).words];
  for (;;) {
    const words = write[kind](draw);
    if (isHeldOut(words) === heldOut) return words;
  }
}

function clauseOf(draw: Draw, heldOut: boolean): Clause {
  const structure = draw.weighted(structureWeights);
  return structure === 'simple' && !heldOut ? drawSimple(draw) : drawClause(draw, { structure, heldOut });
}

/** Which side of the split a sentence is on follows from its words alone: one in eight, by FNV-1a. */
function isHeldOut(words: readonly string[]): boolean {
  let hash = 0x811c9dc5;
  for (const char of text(words)) hash = Math.imul(hash ^ char.charCodeAt(0), 0x01000193);
  return (hash >>> 13) % 8 === 0;
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

const text = (words: readonly string[]): string => words.join(' ');
