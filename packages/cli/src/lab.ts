/** `circuit-tuning lab [run]`: the lab in a browser of this machine, until Ctrl-C. */
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { ConfigError } from '@circuit-tuning/core';
import type { Command } from 'commander';
import { openInBrowser } from './openInBrowser.js';
import { openRunPlace } from './runPlace.js';
import { isLoopback, serve } from './serve.js';
import { port } from './values.js';

/** Of no service that is known: taken unless it is in use. */
const PORT = 8747;

interface LabFlags {
  readonly port?: number;
  readonly host?: string;
  readonly open?: true;
}

export function addLab(program: Command): void {
  program
    .command('lab')
    .argument('[run]', 'a run to open: its folder, or a zip that the lab saved')
    .description('serve the lab, a page in which to run and watch experiments, on this machine')
    .option('--port <number>', `where (${PORT}, or the next that is free)`, port('--port'))
    .option('--host <address>', 'for other machines too, e.g. 0.0.0.0 (this machine alone)')
    .option('--open', 'open it in the browser of this machine')
    .action(async (path: string | undefined, flags: LabFlags) => {
      const run = path === undefined ? undefined : await openRunPlace(path);
      try {
        const served = await serve({
          lab: labFiles(),
          port: flags.port ?? PORT,
          isPortGiven: flags.port !== undefined,
          ...(flags.host !== undefined && { host: flags.host }),
          ...(run && { run: run.folder }),
        });
        process.stdout.write(`${run ? `${run.name} in the lab` : 'The lab'}: ${served.url}\nCtrl-C ends it\n`);
        if (flags.host !== undefined && !isLoopback(flags.host)) warn(flags.host, run !== undefined);
        if (flags.open) await openInBrowser(served.url);
        await interrupt();
        await served.close();
      } finally {
        await run?.remove();
      }
    });
}

/** Browsers give WebGPU to https and to the machine's own addresses only. */
function warn(host: string, hasRun: boolean): void {
  const what = hasRun ? 'the page and this run' : 'the page';
  process.stderr.write(
    `warning: whoever reaches ${host} can read ${what}; there they can look at runs, but start them only over https\n`,
  );
}

/** Beside the bundle or, from its chunks, one folder up; in a checkout scripts/cli.mjs has put it there. */
function labFiles(): string {
  const places = ['lab/', '../lab/'].map((path) => fileURLToPath(new URL(path, import.meta.url)));
  const found = places.find((folder) => existsSync(`${folder}index.html`));
  if (found) return found;
  const cure = 'In a checkout start it with `pnpm circuit-tuning lab`; else install circuit-tuning again';
  throw new ConfigError({ where: 'lab', rule: 'its files must lie beside the program', got: 'none', cure });
}

const interrupt = (): Promise<unknown> =>
  new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, resolve);
  });
