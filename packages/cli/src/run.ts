/** `circuit-tuning run <experiment.yaml>`: a whole experiment into one folder. */
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Command } from 'commander';
import { conduct, printJson, printSummary } from './conduct.js';
import { addProfile, profilerOf, tellProfile, withProfile, type ProfileFlag } from './profile.js';
import { readExperiment } from './readExperiment.js';

interface RunFlags extends ProfileFlag {
  readonly set: readonly string[];
  readonly out?: string;
  readonly resume?: true;
  readonly json?: true;
}

export function addRun(program: Command): void {
  const command = program
    .command('run')
    .argument('<experiment>', 'experiment file (YAML)')
    .description('run an experiment: find the circuit, tune by each method, measure, report')
    .option(
      '--set <key=value>',
      'change a key, as in --set tuning.steps=20; may be repeated',
      (value: string, all: string[]) => [...all, value],
      [],
    )
    .option('--out <folder>', 'where it is written (output_dir of the file, else runs/<name>)')
    .option('--resume', 'go on with an interrupted run; the experiment.yaml of a run goes on where it lies')
    .option('--json', 'print the summary for machines');
  addProfile(command).action(async (file: string, { set, out, resume, json, profile }: RunFlags) => {
    const profiler = profilerOf({ profile });
    const experiment = await readExperiment(file, set);
    const here = resume && existsSync(join(dirname(file), 'events.jsonl')) ? dirname(file) : undefined;
    const place = out ?? here ?? experiment.output_dir ?? join('runs', experiment.name);
    const nameOf = (path: readonly string[]): string => `${file}: ${path.join('.')}`;
    const summary = await conduct(experiment, { out: place, isResumed: resume === true, nameOf, profiler });
    if (json) printJson(withProfile({ out: place, ...summary }, profiler));
    else printSummary(summary, place);
    await tellProfile(profiler, { out: place, isJson: json === true });
  });
}
