/** Flags that say the same as keys of the experiment file: a command line becomes the experiment that it says. */
import type { Experiment } from '@circuit-tuning/core';
import { Option, type Command } from 'commander';
import { checkExperiment } from './readExperiment.js';

export interface Flag {
  readonly flag: string;
  /** Key of the experiment, `section.key`. */
  readonly key: string;
  /** Other keys that it says too. */
  readonly also?: readonly string[];
  readonly about: string;
  readonly kind?: 'number' | 'list' | 'switch';
  readonly choices?: readonly string[];
  readonly isNeeded?: boolean;
  /** Not in the help: taken so that it is refused with a reason. */
  readonly isHidden?: boolean;
}

export function addFlags(command: Command, flags: readonly Flag[]): Command {
  for (const { flag, about, choices, isNeeded, isHidden } of flags) {
    const option = new Option(flag, about);
    if (choices) option.choices(choices);
    if (isHidden) option.hideHelp();
    command.addOption(isNeeded ? option.makeOptionMandatory() : option);
  }
  return command;
}

const nameOf = ({ flag }: Flag): string => flag.split(' ')[0]!;

/** `--top-n` → `topN`, as commander calls it. */
const camel = (flag: string): string => flag.slice(2).replace(/-(.)/g, (_, letter: string) => letter.toUpperCase());

/** Flags by commander's names. */
export type Given = Readonly<Record<string, string | boolean | undefined>>;

/**
 * The experiment that the flags say; `also` are keys without a flag.
 * @throws ConfigError naming the flag.
 */
export function experimentOf(
  flags: readonly Flag[],
  given: Given,
  also: Readonly<Record<string, unknown>>,
): Experiment {
  const raw: Record<string, unknown> = structuredClone(also) as Record<string, unknown>;
  for (const flag of flags) {
    const value = given[camel(nameOf(flag))];
    if (value === undefined) continue;
    const parsed = flag.kind === 'list' ? [value] : flag.kind === 'number' ? numberOf(value) : value;
    for (const path of keysOf(flag)) {
      const [section, key] = path.split('.') as [string, string?];
      if (key === undefined) raw[section] = parsed;
      else ((raw[section] ??= {}) as Record<string, unknown>)[key] = parsed;
    }
  }
  return checkExperiment(raw, (path) => flagOf(flags, path));
}

/** What a key is called on the command line. */
export function flagOf(flags: readonly Flag[], path: readonly PropertyKey[]): string {
  const key = path.filter((part) => typeof part === 'string').join('.');
  const flag = flags.find((it) => keysOf(it).some((own) => key === own || key.startsWith(`${own}.`)));
  return flag ? nameOf(flag) : key;
}

const keysOf = ({ key, also = [] }: Flag): readonly string[] => [key, ...also];

/** A word that is no number goes on as it is: the schema says what it must be. */
export function numberOf(value: string | boolean): unknown {
  const number = Number(value);
  return typeof value !== 'string' || value.trim() === '' || Number.isNaN(number) ? value : number;
}
