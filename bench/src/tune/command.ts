/**
 * `pnpm bench tune`: measures all variants of the ops that have several, at the sizes of real models, and writes the file by
 * which plans on such an adapter choose (AdapterTimings of the core).
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { kernels as all } from '@circuit-tuning/kernels-wgsl';
import { openGpu } from '@circuit-tuning/testkit';
import { command } from '../command.js';
import { count } from '../flags.js';
import { title, wantedKernels, workOf } from '../kernels/work.js';
import { fileNameOf } from '../kernels/results.js';
import { digits, markdown } from '../markdown.js';
import { distinctCalls } from './calls.js';
import { choicesOf, timingsOf, wordsOf, type Choice } from './choices.js';
import { Kept } from './kept.js';
import { raceAll, withNewShaderCache } from './raceAll.js';

const HELP = `bench tune [OP…]: measures variants and writes the file by which plans choose among them

  --minutes N      stops after so many (10); the next run goes on from there
  --again          forgets what earlier runs measured of these ops
  --words A,B      the adapters that the file speaks for: those that have all these words in their name
  --model A,B      at the sizes of these models: embedded,gpt2,smollm2-135m unless told
  --batch B        examples of a batch (8)
  --tokens T       tokens of an example (32)
  --samples N      rounds (9)
  --out FILE       packages/kernels-wgsl/src/timings/<adapter>.json unless told; then run pnpm gen
  --dry            write no such file

Everything measured is kept in bench/results/tune-<adapter>.json. Kernels whose text has changed are measured again.`;

// seen from the bundle, packages/cli/.checkout/bench.js, and from here: both lie as deep
const timings = fileURLToPath(new URL('../../../packages/kernels-wgsl/src/timings', import.meta.url));
const say = (line: string): void => void process.stderr.write(`${line}\n`);

export const tune = command(
  {
    help: HELP,
    hasNames: true,
    options: {
      minutes: { type: 'string', default: '10' },
      again: { type: 'boolean', default: false },
      words: { type: 'string' },
      model: { type: 'string', default: 'embedded,gpt2,smollm2-135m' },
      batch: { type: 'string', default: '8' },
      tokens: { type: 'string', default: '32' },
      samples: { type: 'string', default: '9' },
      out: { type: 'string' },
      dry: { type: 'boolean', default: false },
    },
  },
  async (values, names) => {
    const several = wantedKernels(names).filter(({ op }) => all.filter((kernel) => kernel.op === op).length > 1);
    const shape = { B: count('--batch', values.batch), T: count('--tokens', values.tokens) };
    const asked = { minutes: count('--minutes', values.minutes), rounds: count('--samples', values.samples), say };
    const { kept, left } = await withNewShaderCache(async () => {
      const gpu = await openGpu({ exactTimestamps: true });
      const known = new Kept(gpu.info.name, new Set(values.again ? several.map(({ op }) => op.name) : []));
      const work = workOf(gpu, several, { ...shape, models: values.model.split(','), isWithCases: false });
      const open = await raceAll(gpu, distinctCalls(work), known, asked);
      gpu.dispose();
      return { kept: known, left: open };
    });
    if (left > 0) say(`${left} calls are left: the next run goes on with them`);
    const words = values.words?.split(',') ?? wordsOf(kept.adapter);
    const choices = choicesOf(kept.calls);
    const found = timingsOf(kept.adapter, words, choices);
    console.log(report(kept.adapter, choices));
    if (values.dry || found.calls.length === 0) return 0;
    const file = values.out ?? join(timings, `${fileNameOf(words.join(' '))}.json`);
    if (!values.out) mkdirSync(timings, { recursive: true });
    writeFileSync(file, `${JSON.stringify(found, null, 2)}\n`);
    say(`written to ${file}; \`pnpm gen\` hands it to the kernels`);
    return 0;
  },
);

function report(adapter: string, choices: readonly Choice[]): string {
  const rows = choices.flatMap(({ op, dims, calls, byRule, laps, better }) =>
    better === undefined
      ? []
      : [
          [
            calls.length > 1 ? `${op}, both passes` : `${op} ${calls[0]!.pass}`,
            title({ dims }),
            ...[byRule, better].flatMap((name) => [name, digits(laps[name]!.ms), digits(laps[name]!.deviceMs)]),
            digits(laps[better]!.ms / laps[byRule]!.ms),
          ],
        ],
  );
  const head = ['call', 'sizes', 'by rule', 'ms', 'device ms', 'better', 'ms', 'device ms', 'over rule'];
  const told = `${adapter}: of ${choices.length} choices, ${rows.length} have a kernel that is worth more than the rules’`;
  return rows.length > 0 ? `${told}\n\n${markdown(head, rows)}` : told;
}
