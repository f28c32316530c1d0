/** The circuit of the base model all along: what searching again is worth. */
import type { TuningMethod } from './method.js';

export const fixed: TuningMethod = {
  searches: 'once',
  about: 'the first circuit, kept',
  takesExtra: true,
  choose: ({ found }) => ({ circuit: found }),
};
