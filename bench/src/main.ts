/** `pnpm bench <command>`: what the project's speed is, beside what it could be and what others reach. */
import { ahead } from './ahead/command.js';
import { apart } from './apart/command.js';
import { choices } from './choices/command.js';
import { generate } from './generate/command.js';
import { host } from './host/command.js';
import { kernels } from './kernels/command.js';
import { limit } from './limit/command.js';
import { peers } from './peers/command.js';
import { polling } from './polling/command.js';
import { reference } from './reference/command.js';
import { scaling } from './scaling/command.js';
import { select } from './select/command.js';
import { step } from './step/command.js';
import { tune } from './tune/command.js';

const commands: Readonly<Record<string, (args: string[]) => Promise<number>>> = {
  step,
  kernels,
  reference,
  peers,
  scaling,
  apart,
  generate,
  polling,
  ahead,
  host,
  tune,
  choices,
  select,
  limit,
};

const HELP = `bench <command> [--help]

  step      steps of each kind beside a plain one
  limit     what they must at least compute and move
  kernels   every kernel at the sizes of real models
  reference matrix products beside a plain generated one
  peers     the same work by other libraries
  scaling   a search as tokens double and as layers double
  apart     scores of each example and of each place in a text
  generate  tokens, with keys and values kept and without
  polling   waiting for the device in Node, with and without its cure
  ahead     steps sent before the last one is read
  host      host time of a dispatch, by call
  select    what the host does with the scores of a search
  tune      measures variants, writes the file by which plans choose
  choices   whole steps by such files, beside the same by rules

  --adapter DIR   of any command: on the lavapipe of a Debian tree of its own, see docs/performance.md`;

/** @returns the exit code */
export async function main([name = '', ...args]: string[]): Promise<number> {
  const command = commands[name];
  if (command) return command(args);
  if (name === '' || name === '--help') {
    console.log(HELP);
    return 0;
  }
  console.error(`bench: must be one of ${Object.keys(commands).join(', ')}, got '${name}'.`);
  return 1;
}
