/**
 * Subject-verb agreement in the present tense, across nothing, prepositional phrases and relative clauses: 'the keys
 * near the cabinet are red .'. The material of Linzen et al. 2016 (https://arxiv.org/abs/1611.01368) and of Marvin and
 * Linzen 2018 (https://arxiv.org/abs/1808.09031), reduced to a few hundred words.
 */
import type { Draw } from './draw.js';
import {
  adjectives,
  adverbs,
  colours,
  nouns,
  prepositions,
  verbs,
  type Inflected,
  type Noun,
  type Quantity,
} from './lexicon.js';

interface Phrase {
  readonly noun: Noun;
  readonly quantity: Quantity;
  readonly adjective?: string;
}

/** What stands between subject and verb. `src`: 'that sees the girls', `orc`: 'that the girls see'. */
type Modifier =
  | { readonly kind: 'pp'; readonly preposition: string; readonly phrase: Phrase }
  | { readonly kind: 'src' | 'orc'; readonly verb: Inflected; readonly phrase: Phrase };

/** A sentence before its words: flip the subject's quantity and every form that agrees with it follows. */
export interface Clause {
  readonly structure: Structure;
  readonly subject: Phrase;
  readonly modifiers: readonly Modifier[];
  readonly verb: Inflected;
  readonly rest: readonly string[];
}

/** A verb form at `pos` (a word is a token), and the form of the other number. */
export interface Agreeing {
  readonly pos: number;
  readonly right: string;
  readonly wrong: string;
}

export interface Rendered {
  readonly words: readonly string[];
  readonly verbs: readonly Agreeing[];
  /** The one that agrees with the subject of the whole sentence, also the last of `verbs`. */
  readonly main: Agreeing;
}

export const structures = ['simple', 'pp', 'pp2', 'orc', 'src'] as const;
export type Structure = (typeof structures)[number];

const opposite: Readonly<Record<Quantity, Quantity>> = { singular: 'plural', plural: 'singular' };

export interface ClauseOptions {
  readonly structure: Structure;
  /** Only nouns that are held out of tuning, or only the others; all unless told. */
  readonly heldOut?: boolean;
}

export function drawClause(draw: Draw, { structure, heldOut }: ClauseOptions): Clause {
  const pool = nouns.filter((noun) => heldOut === undefined || noun.isHeldOut === heldOut);
  const isRelative = structure === 'orc' || structure === 'src';
  const subject = phrase(draw, isRelative ? pool.filter(({ isAnimate }) => isAnimate) : pool, 0.15);
  const others = pool.filter((noun) => noun !== subject.noun);
  const pp = (): Modifier => ({ kind: 'pp', preposition: draw.pick(prepositions), phrase: phrase(draw, others, 0) });
  const modifiers = {
    simple: (): Modifier[] => [],
    pp: () => [pp()],
    pp2: () => [pp(), pp()],
    orc: () => [relative(draw, 'orc', others)],
    src: () => [relative(draw, 'src', others)],
  }[structure]();
  return { structure, subject, modifiers, ...predicate(draw, subject.noun, others) };
}

export const flipSubject = (clause: Clause): Clause => ({
  ...clause,
  subject: { ...clause.subject, quantity: opposite[clause.subject.quantity] },
});

/** `wrong`: with every verb in the form that does not agree. */
export function render({ subject, modifiers, verb, rest }: Clause, { wrong = false } = {}): Rendered {
  const words: string[] = [];
  const agreeing: Agreeing[] = [];
  const say = ({ noun, quantity, adjective }: Phrase): void =>
    void words.push('the', ...(adjective === undefined ? [] : [adjective]), noun[quantity]);
  const agree = (forms: Inflected, quantity: Quantity): Agreeing => {
    const found = { pos: words.length, right: forms[quantity], wrong: forms[opposite[quantity]] };
    words.push(wrong ? found.wrong : found.right);
    agreeing.push(found);
    return found;
  };
  say(subject);
  for (const modifier of modifiers) {
    words.push(modifier.kind === 'pp' ? modifier.preposition : 'that');
    if (modifier.kind === 'src') agree(modifier.verb, subject.quantity);
    say(modifier.phrase);
    if (modifier.kind === 'orc') agree(modifier.verb, modifier.phrase.quantity);
  }
  const main = agree(verb, subject.quantity);
  words.push(...rest, '.');
  return { words, verbs: agreeing, main };
}

function phrase(draw: Draw, pool: readonly Noun[], adjectives: number): Phrase {
  const noun = draw.pick(pool);
  const quantity = draw.pick(['singular', 'plural'] as const);
  return { noun, quantity, ...(draw.chance(adjectives) && { adjective: quality(draw, noun) }) };
}

function relative(draw: Draw, kind: 'src' | 'orc', pool: readonly Noun[]): Modifier {
  const animate = pool.filter(({ isAnimate }) => isAnimate);
  return { kind, verb: draw.pick(verbs.transitive), phrase: phrase(draw, animate, 0) };
}

function predicate(draw: Draw, noun: Noun, others: readonly Noun[]): Pick<Clause, 'verb' | 'rest'> {
  const kind = draw.weighted({ copula: 4, possession: 1, action: 3 });
  if (kind === 'copula') return { verb: draw.pick(verbs.copula), rest: [quality(draw, noun)] };
  if (kind === 'possession') {
    const owned = draw.pick(others.filter((other) => !other.isAnimate));
    return {
      verb: draw.pick(verbs.possession),
      rest: ['the', draw.pick(colours), owned[draw.pick(['singular', 'plural'] as const)]],
    };
  }
  const verb = draw.pick(noun.isAnimate ? verbs.animate : verbs.inanimate);
  return { verb, rest: draw.chance(0.4) ? [draw.pick(adverbs)] : [] };
}

const quality = (draw: Draw, { isAnimate }: Noun): string =>
  draw.pick(isAnimate ? adjectives.animate : [...adjectives.inanimate, ...colours]);
