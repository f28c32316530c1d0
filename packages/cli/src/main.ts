#!/usr/bin/env node
/** The command line. Each command lives in a file of its own and adds itself here. */
import { CircuitTuningError } from '@circuit-tuning/core';
import { Command } from 'commander';
import { addDoctor } from './doctor.js';

const program = new Command('circuit-tuning')
  .description('Find a circuit in a transformer, tune only it, and show what it did.')
  .showHelpAfterError();

addDoctor(program);

try {
  await program.parseAsync();
} catch (error) {
  // what a person can mend is one sentence; anything else is a bug and keeps its stack
  if (!(error instanceof CircuitTuningError)) throw error;
  process.stderr.write(`circuit-tuning: ${error.message}\n`);
  process.exitCode = 1;
}
