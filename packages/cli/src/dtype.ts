/** `--dtype`: what the weights of a model lie on the device as, in commands that only read them. */
import { dtypes, type WeightDType } from '@circuit-tuning/core';
import { Option, type Command } from 'commander';

export interface DTypeFlag {
  readonly dtype?: WeightDType;
}

export const DTYPE = 'what weights lie on the device as: f16 rounds them, and takes half their memory (f32)';

export const addDType = (command: Command): Command =>
  command.addOption(new Option('--dtype <which>', DTYPE).choices(dtypes));
