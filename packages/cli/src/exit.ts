/** How a command ends: one sentence for people, a number for scripts. */
import { CircuitTuningError, ConfigError, ShapeError, TaskError, WeightError } from '@circuit-tuning/core';
import { CommanderError } from 'commander';
import { Interrupted } from './interrupt.js';

export const exitCodes = { ok: 0, failure: 1, badInput: 2, interrupted: 130 } as const;

/** 2 where the user can mend it by asking for something else, 1 where the machine or this program failed. */
export function exitCodeOf(error: unknown): number {
  if (error instanceof Interrupted) return exitCodes.interrupted;
  // --help and --version are thrown too, with code 0
  if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.ok : exitCodes.badInput;
  const isInput = [ConfigError, TaskError, WeightError, ShapeError].some((kind) => error instanceof kind);
  return isInput ? exitCodes.badInput : exitCodes.failure;
}

/** What is printed on stderr; commander has printed its own already. */
export function messageOf(error: unknown, isDebug: boolean): string {
  if (error instanceof CommanderError) return '';
  if (error instanceof Interrupted) return 'interrupted\n';
  if (!(error instanceof Error)) return `error: ${String(error)}\n`;
  if (isDebug) return `${error.stack ?? error.message}\n`;
  const isBug = !(error instanceof CircuitTuningError);
  return `error: ${error.message}\n${isBug ? 'DEBUG=1 shows where it happened\n' : ''}`;
}

/** `--batch_size 4` is `--batch-size 4`. */
export const kebab = (argv: readonly string[]): string[] => {
  const end = argv.indexOf('--');
  return argv.map((word, i) =>
    word.startsWith('--') && (end < 0 || i < end) ? word.replace(/^[^=]+/, (flag) => flag.replaceAll('_', '-')) : word,
  );
};
