/**
 * What the grammar writes beside agreement, to measure what tuning forgets. None of it has a verb marked for number.
 */
import type { Draw } from './draw.js';
import {
  adjectives,
  children,
  colours,
  days,
  determiners,
  nouns,
  numerals,
  past,
  possessives,
  syllables,
  type Quantity,
} from './lexicon.js';

export const constructions = ['gender', 'determiner', 'copy', 'succession', 'lookup'] as const;
export type Construction = (typeof constructions)[number];

export const write: Readonly<Record<Construction, (draw: Draw) => string[]>> = {
  /** 'Lily lost her cup and she cried .' */
  gender(draw) {
    const gender = draw.pick(['she', 'he'] as const);
    const name = draw.pick(children[gender]);
    const thing = draw.pick(things).singular;
    switch (draw.weighted({ possessive: 2, both: 2, pronoun: 2 })) {
      case 'possessive':
        return [name, draw.pick(past.onThings), possessives[gender], thing, '.'];
      case 'both':
        return [name, draw.pick(past.onThings), possessives[gender], thing, 'and', gender, draw.pick(past.alone), '.'];
      case 'pronoun':
        return ['when', name, draw.pick(past.onThings), 'the', thing, gender, draw.pick(past.alone), '.'];
    }
  },

  /** 'Tom saw these old dogs and this cup .' */
  determiner(draw) {
    const described = (): string[] => {
      const noun = draw.pick(nouns);
      const quantity = draw.pick(['singular', 'plural'] as const satisfies readonly Quantity[]);
      const kind = noun.isAnimate ? adjectives.animate : adjectives.inanimate;
      return [draw.pick(determiners[quantity]), ...(draw.chance(0.5) ? [draw.pick(kind)] : []), noun[quantity]];
    };
    const start = [draw.pick(everyone), draw.pick(past.onAnyone), ...described()];
    return [...start, ...(draw.chance(0.5) ? ['and', ...described()] : []), '.'];
  },

  /** 'say zed kol mip : zed kol mip .' */
  copy(draw) {
    const length = draw.pick([2, 3, 4, 5]);
    const said = Array.from({ length }, () => draw.pick(syllables));
    return ['say', ...said, ':', ...said, '.'];
  },

  /** 'Tom counted : three four five .' */
  succession(draw) {
    const [how, sequence] = draw.pick([
      ['counted', numerals],
      ['waited', days],
    ] as const);
    const length = draw.pick([3, 4, 5, 6]);
    const from = draw.pick([...sequence.keys()].slice(0, sequence.length - length + 1));
    return [draw.pick(everyone), how, ':', ...sequence.slice(from, from + length), '.'];
  },

  /** 'Tom took the red hat and the blue cup . the hat ? red .' */
  lookup(draw) {
    const one = { thing: draw.pick(things), colour: draw.pick(colours) };
    const other = {
      thing: draw.pick(things.filter((thing) => thing !== one.thing)),
      colour: draw.pick(colours.filter((colour) => colour !== one.colour)),
    };
    const asked = draw.pick([one, other]);
    const described = ({ thing, colour }: typeof one): string[] => ['the', colour, thing.singular];
    const start = [draw.pick(everyone), 'took', ...described(one), 'and', ...described(other), '.'];
    return [...start, 'the', asked.thing.singular, '?', asked.colour, '.'];
  },
};

const things = nouns.filter(({ isAnimate }) => !isAnimate);
const everyone: readonly string[] = [...children.she, ...children.he];
