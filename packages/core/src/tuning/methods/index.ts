/** Every tuning method by name. A new one is a file here and a line below. */
import { circuit } from './circuit.js';
import { complement } from './complement.js';
import { fixed } from './fixed.js';
import { full } from './full.js';
import { gradientNorm } from './gradientNorm.js';
import { layers } from './layers.js';
import { lora } from './lora.js';
import type { TuningMethod } from './method.js';
import { random } from './random.js';
import { randomFixed } from './randomFixed.js';

export const tuningMethods = {
  circuit,
  full,
  random,
  fixed,
  'random-fixed': randomFixed,
  complement,
  'gradient-norm': gradientNorm,
  layers,
  lora,
} as const satisfies Record<string, TuningMethod>;

export type Method = keyof typeof tuningMethods;
export const methods = Object.keys(tuningMethods) as readonly Method[];

/** What an experiment compares unless told. */
export const usualMethods = ['circuit', 'full', 'random', 'fixed'] as const satisfies readonly Method[];

export const methodOf = (name: Method): TuningMethod => tuningMethods[name];
