/**
 * Every slice that some node owns and no node of the circuit does. Its number of parameters is whatever is left: it asks
 * whether the circuit is needed, not whether it is better than as many others.
 */
import { slicesOf } from '../../circuit/slices.js';
import { ownableSlices, without } from './ownable.js';
import type { TuningMethod } from './method.js';

export const complement: TuningMethod = {
  searches: 'every',
  about: 'all that nodes own outside the circuit',
  choose: ({ found }) => ({ circuit: found, slices: without(ownableSlices(found.nodes), slicesOf(found)) }),
};
