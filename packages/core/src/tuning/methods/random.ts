/**
 * Random edges that own as many parameters as the circuit found, drawn again at each search. Over a run they touch more
 * parameters than a circuit that stays alike does: `random-fixed` is the control without that advantage.
 */
import { randomOfEqualParameters } from '../../circuit/randomCircuit.js';
import { tunedParameters } from '../../circuit/slices.js';
import type { Ground, TuningMethod } from './method.js';

export const draw = ({ found, random }: Ground) => ({
  circuit: randomOfEqualParameters(found.nodes, tunedParameters(found), random),
});

export const random: TuningMethod = {
  searches: 'every',
  about: 'random edges of as many parameters, drawn again every K steps',
  choose: draw,
};
