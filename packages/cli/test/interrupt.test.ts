/** Ctrl-C on a real process. */
import { spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { workplace, type Workplace } from './tiny.js';

const cli = fileURLToPath(new URL('../../../scripts/cli.mjs', import.meta.url));
let place: Workplace;
beforeAll(async () => {
  place = await workplace();
});
afterAll(() => place.remove());

/** Runs a command; interrupts it once its stderr holds that text. */
function type(argv: readonly string[], until?: string): Promise<{ code: number | null; err: string }> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [cli, ...argv], { stdio: ['ignore', 'ignore', 'pipe'] });
    let err = '';
    let isStopped = false;
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      err += text;
      if (isStopped || until === undefined || !err.includes(until)) return;
      isStopped = true;
      child.kill('SIGINT');
    });
    child.on('close', (code) => resolve({ code, err }));
  });
}

test('Ctrl-C saves after the step, exits with 130, and --resume goes on', { timeout: 180_000 }, async () => {
  const out = place.at('out');
  const argv = [
    'tune',
    '--model',
    place.model,
    '--task',
    place.task,
    '--out',
    out,
    '--steps',
    '60',
    '--every',
    '20',
    '--top-n',
    '8',
  ];
  const stopped = await type(argv, 'tuning: circuit');
  expect(stopped.err).toContain('stopping after this step; Ctrl-C again to stop at once\n');
  expect(stopped.err).toMatch(/saved in .*out: the same command with --resume goes on\ninterrupted\n$/);
  expect(stopped.code).toBe(130);
  const [saved] = readdirSync(join(out, 'checkpoints/circuit'));
  expect(saved).toMatch(/^step-0000[0-5]\d$/);

  const resumed = await type([...argv, '--resume']);
  expect(resumed.code).toBe(0);
  const steps = readFileSync(join(out, 'events.jsonl'), 'utf8')
    .trimEnd()
    .split('\n')
    .flatMap((line) => {
      const event = JSON.parse(line) as { kind: string; step: number };
      return event.kind === 'step' ? [event.step] : [];
    });
  expect(steps).toEqual(Array.from({ length: 60 }, (_, i) => i + 1));
});
