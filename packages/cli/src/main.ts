#!/usr/bin/env node
/** The entry point of the command line. */
import { main } from './program.js';

const code = await main(process.argv.slice(2));
// A command may have set a code of its own.
if (code !== 0) process.exitCode = code;
