/**
 * Low-rank adapters on every weight matrix of the blocks (Hu et al. 2021, https://arxiv.org/abs/2106.09685). Their rank is
 * the one whose parameters come nearest to those of the base model's circuit, for which it searches once.
 */
import type { TuningMethod } from './method.js';

export const lora: TuningMethod = {
  searches: 'once',
  about: 'low-rank adapters of as many parameters',
  choose: ({ found }) => ({ circuit: found, adapters: true }),
};
