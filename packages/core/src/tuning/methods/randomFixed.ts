/** Random edges that own as many parameters as the first circuit, drawn once: `fixed`, but for which nodes they are. */
import { draw } from './random.js';
import type { TuningMethod } from './method.js';

export const randomFixed: TuningMethod = {
  searches: 'once',
  about: 'random edges of as many parameters, drawn once',
  choose: draw,
};
