/**
 * Sentences of all kinds in the proportions the embedded model is trained on, and the split that keeps some of them from
 * it.
 */
import { drawClause, render, type Clause, type ClauseOptions, type Structure } from './agreement.js';
import { write, type Construction } from './constructions.js';
import type { Draw } from './draw.js';

export const mixture: Readonly<Record<Construction | 'agreement', number>> = {
  agreement: 5,
  gender: 1,
  determiner: 1,
  copy: 1,
  succession: 1,
  recall: 1,
};

const structureWeights: Readonly<Record<Structure, number>> = { simple: 7, pp: 5, pp2: 2, orc: 3, src: 3 };

export interface Written {
  readonly words: readonly string[];
  /** −log probability that the grammar writes this sentence, the split ignored: no model can know it. */
  readonly nats: number;
}

/** One sentence on the asked side of the split; of agreement, held-out ones have held-out nouns throughout. */
export function sentence(draw: Draw, kind: Construction | 'agreement', heldOut: boolean): Written {
  const start = draw.nats;
  if (kind !== 'agreement') {
    const { found, nats } = onSide(
      draw,
      heldOut,
      () => write[kind](draw),
      (words) => words,
    );
    return { words: found, nats };
  }
  const structure = draw.weighted(structureWeights);
  const chosen = draw.nats - start;
  const { found, nats } = drawOnSide(draw, heldOut, { structure, ...(heldOut && { heldOut }) });
  return { words: render(found).words, nats: chosen + nats };
}

interface Drawn<Made> {
  readonly found: Made;
  /** Those of `Written`. */
  readonly nats: number;
}

/** Draws until the words that decide are on the asked side. */
function onSide<Made>(
  draw: Draw,
  heldOut: boolean,
  make: () => Made,
  deciding: (made: Made) => readonly string[] | undefined,
): Drawn<Made> {
  for (;;) {
    const before = draw.nats;
    const found = make();
    const words = deciding(found);
    if (!words || isHeldOut(words) === heldOut) return { found, nats: draw.nats - before };
  }
}

/** Prompts decide, so that no held-out prompt is ever shown; but everybody has to know the few dozen simple subjects. */
export const drawOnSide = (draw: Draw, heldOut: boolean, options: ClauseOptions): Drawn<Clause> =>
  onSide(
    draw,
    heldOut,
    () => drawClause(draw, options),
    (clause) => {
      const { words, main } = render(clause);
      return clause.structure === 'simple' ? undefined : words.slice(0, main.pos);
    },
  );

/** The share of prompts and sentences that training text must not show. */
const SHARE = 1 / 4;

/** Which side of the split words are on follows from them alone, by FNV-1a. */
function isHeldOut(words: readonly string[]): boolean {
  let hash = 0x811c9dc5;
  for (const char of text(words)) hash = Math.imul(hash ^ char.charCodeAt(0), 0x01000193);
  return (hash >>> 13) % 1024 < SHARE * 1024;
}

export const text = (words: readonly string[]): string => words.join(' ');
