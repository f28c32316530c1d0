/** Every command. Each lives in a file of its own and adds itself here. */
import { Command } from 'commander';
import { addAnalyze } from './analyze.js';
import { addCompare } from './compare.js';
import { addConvert } from './convert.js';
import { addDemo } from './demo.js';
import { addDiscover } from './discover.js';
import { addDoctor } from './doctor.js';
import { addEvaluate } from './evaluate.js';
import { exitCodeOf, kebab, messageOf } from './exit.js';
import { addGenerate } from './generate.js';
import { version } from './home.js';
import { addInspect } from './inspect.js';
import { addLab } from './lab.js';
import { addReport } from './reportCommand.js';
import { addRun } from './run.js';
import { addStability } from './stability.js';
import { addTune } from './tune.js';

const commands = [
  addDemo,
  addLab,
  addRun,
  addReport,
  addAnalyze,
  addCompare,
  addDiscover,
  addStability,
  addTune,
  addEvaluate,
  addConvert,
  addGenerate,
  addInspect,
  addDoctor,
];

/** Runs one command; what went wrong is on stderr, and the exit code says whose fault it was. */
export async function main(argv: readonly string[]): Promise<number> {
  const program = new Command('circuit-tuning')
    .description('Find a circuit in a transformer, tune only it, and show what it did.')
    .version(version())
    .exitOverride();
  for (const add of commands) add(program);
  try {
    await program.parseAsync(kebab(argv), { from: 'user' });
    return 0;
  } catch (error) {
    process.stderr.write(messageOf(error, Boolean(process.env.DEBUG)));
    return exitCodeOf(error);
  }
}
