/** `circuit-tuning tune`: one method from flags, the tuned model in `<out>/model`. */
import { ConfigError, type Experiment } from '@circuit-tuning/core';
import type { Command } from 'commander';
import { conduct, printJson, printSummary } from './conduct.js';
import { addFlags, experimentOf, flagOf, type Given } from './flags.js';
import { tuneFlags } from './flagTables.js';
import { addMemory, type MemoryFlag } from './memoryBudget.js';
import { addProfile, profilerOf, tellProfile, withProfile, type ProfileFlag } from './profile.js';

interface TuneFlags extends ProfileFlag, MemoryFlag, Given {
  readonly out: string;
  readonly resume?: true;
  readonly json?: true;
}

export function addTune(program: Command): void {
  const command = program
    .command('tune')
    .description('tune a model and leave it in <out>/model as a Hugging Face folder');
  addMemory(addProfile(addFlags(command, tuneFlags)))
    .requiredOption('--out <folder>', 'where the run is written')
    .option('--keep <name=file>', 'text whose perplexity is watched; may be repeated', keep, {})
    .option('--resume', 'go on with an interrupted run')
    .option('--json', 'print the summary for machines')
    .action(async ({ out, resume, json, keep: kept, ...flags }: TuneFlags & { keep: Record<string, string> }) => {
      const experiment = tuneExperiment(flags, kept);
      const nameOf = (path: readonly string[]): string => flagOf(tuneFlags, path);
      const profiler = profilerOf(flags);
      const how = { out, isResumed: resume === true, isFlat: true, nameOf, profiler, memory: flags.memory };
      const summary = await conduct(experiment, how);
      if (json) printJson(withProfile({ out, ...summary }, profiler));
      else printSummary(summary, out);
      await tellProfile(profiler, { out, isJson: json === true });
    });
}

/** What the flags say, of a task and a model. */
export const tuneExperiment = (flags: Given, kept: Readonly<Record<string, string>> = {}): Experiment =>
  experimentOf(
    tuneFlags,
    { method: 'circuit', ...flags },
    { name: 'tune', data: { keep: kept }, evaluation: { faithfulness: [] } },
  );

function keep(value: string, all: Readonly<Record<string, string>>): Record<string, string> {
  const [, name, file] = /^([^=]+)=(.+)$/.exec(value) ?? [];
  if (name !== undefined && file !== undefined) return { ...all, [name]: file };
  const cure = 'As in --keep stories=stories.jsonl';
  throw new ConfigError({ where: '--keep', rule: 'must be name=file', got: JSON.stringify(value), cure });
}
