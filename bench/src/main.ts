/** `pnpm bench <command>`: what the project's speed is, beside what it could be and what others reach. */
import { kernels } from './kernels/command.js';
import { limit } from './limit/command.js';
import { peers } from './peers/command.js';
import { polling } from './polling/command.js';
import { scaling } from './scaling/command.js';
import { step } from './step/command.js';
import { tune } from './tune/command.js';

const commands: Readonly<Record<string, (args: string[]) => Promise<number>>> = {
  step,
  kernels,
  peers,
  scaling,
  polling,
  tune,
  limit,
};

/** @returns the exit code */
export async function main([name = '', ...args]: string[]): Promise<number> {
  const command = commands[name];
  if (command) return command(args);
  console.error(`bench: must be one of ${Object.keys(commands).join(', ')}, got '${name}'.`);
  return 1;
}
