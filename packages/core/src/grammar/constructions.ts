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

export const constructions = ['gender', 'determiner', 'copy', 'succession', 'recall'] as const;
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

  /** 'Tom painted hats red and cups blue : cups blue and hats red .' */
  recall(draw) {
    const one = [draw.pick(things).plural, draw.pick(colours)];
    const other = [
      draw.pick(things.filter(({ plural }) => plural !== one[0])).plural,
      draw.pick(colours.filter((colour) => colour !== one[1])),
    ];
    const [first, second] = draw.pick([
      [one, other],
      [other, one],
    ] as const);
    return [draw.pick(everyone), 'painted', ...one, 'and', ...other, ':', ...first, 'and', ...second, '.'];
  },
};

const things = nouns.filter(({ isAnimate }) => !isAnimate);
const everyone: readonly string[] = [...children.she, ...children.he];
