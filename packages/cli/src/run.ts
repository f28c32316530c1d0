/** `circuit-tuning run <experiment.yaml>`: a whole experiment, or a sweep of them, into one folder. */
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { ConfigError } from '@circuit-tuning/core';
import type { Command } from 'commander';
import { conduct, printJson, printSummary, shown } from './conduct.js';
import { addMemory, type MemoryFlag } from './memoryBudget.js';
import { addProfile, profilerOf, tellProfile, withProfile, type ProfileFlag } from './profile.js';
import { readExperiment, readSweepFile } from './readExperiment.js';
import { conductSweep } from './sweep/conductSweep.js';

interface RunFlags extends ProfileFlag, MemoryFlag {
  readonly set: readonly string[];
  readonly sweep?: string;
  readonly out?: string;
  readonly resume?: true;
  readonly json?: true;
}

export function addRun(program: Command): void {
  const command = program
    .command('run')
    .argument('<experiment>', 'experiment file (YAML)')
    .description('run an experiment: find the circuit, tune by each method, measure, report; or a sweep, cell by cell')
    .option(
      '--set <key=value>',
      'change a key, as in --set tuning.steps=20; may be repeated',
      (value: string, all: string[]) => [...all, value],
      [],
    )
    .option('--sweep <file>', 'sweep over the experiment as this file says, which holds the keys of a sweep section')
    .option('--out <folder>', 'where it is written (output_dir of the file, else runs/<name>)')
    .option('--resume', 'go on with an interrupted run or sweep; the experiment.yaml of a run goes on where it lies')
    .option('--json', 'print the summary for machines');
  addMemory(addProfile(command)).action(async (file: string, flags: RunFlags) => {
    const { set, sweep: section, out, resume, json, profile, memory } = flags;
    const sweep = await readSweepFile(file, { settings: set, section });
    if (sweep) {
      const place = out ?? sweep.output_dir ?? join('runs', sweep.name);
      if (profile || memory !== undefined)
        throw new ConfigError({
          where: profile ? '--profile' : '--memory',
          rule: 'takes effect on one experiment',
          got: 'a sweep',
          cure: 'Leave it out, or give it to one of its cells: each has an experiment.yaml',
        });
      await conductSweep(sweep, { out: place, isResumed: resume === true });
      process.stdout.write(await readFile(join(place, json ? 'results.json' : 'table.md'), 'utf8'));
      if (!json)
        process.stdout.write(`\nEverything is in ${shown(place)}; look at ${shown(join(place, 'sweep.html'))}\n`);
      return;
    }
    const profiler = profilerOf({ profile });
    const experiment = await readExperiment(file, set);
    const here = resume && existsSync(join(dirname(file), 'events.jsonl')) ? dirname(file) : undefined;
    const place = out ?? here ?? experiment.output_dir ?? join('runs', experiment.name);
    const nameOf = (path: readonly string[]): string => `${file}: ${path.join('.')}`;
    const summary = await conduct(experiment, { out: place, isResumed: resume === true, nameOf, profiler, memory });
    if (json) printJson(withProfile({ out: place, ...summary }, profiler));
    else printSummary(summary, place);
    await tellProfile(profiler, { out: place, isJson: json === true });
  });
}
