/** `--precision`: whether products may round their operands to f16. */
import { precisions, type Precision } from '@circuit-tuning/core';
import { Option, type Command } from 'commander';

export interface PrecisionFlag {
  readonly precision?: Precision;
}

export const PRECISION = 'round operands of products to f16, for GPUs; sums stay f32 (f32)';

export const addPrecision = (command: Command): Command =>
  command.addOption(new Option('--precision <which>', PRECISION).choices(precisions));
