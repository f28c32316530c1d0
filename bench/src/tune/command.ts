/**
 * `pnpm bench tune`: measures all variants of the ops that have several, at the sizes of real models, and writes the file by
 * which plans on such an adapter choose (AdapterTimings of the core).
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { TIMING_NOISE, type AdapterTimings, type MeasuredCall } from '@circuit-tuning/core';
import { kernels as all } from '@circuit-tuning/kernels-wgsl';
import { openGpu } from '@circuit-tuning/testkit';
import { count } from '../flags.js';
import { wantedKernels, workOf } from '../kernels/command.js';
import { fileNameOf, title } from '../kernels/report.js';
import { digits, markdown } from '../markdown.js';
import { race } from './race.js';

const HELP = `bench tune [OP…]: measures variants and writes the file by which plans choose among them

  --words A,B      the adapters that the file speaks for: those that have all these words in their name
  --model A,B      at the sizes of these models: gpt2,smollm2-135m unless told
  --batch B        examples of a batch (8)
  --tokens T       tokens of an example (32)
  --samples N      rounds (9)
  --out FILE       packages/kernels-wgsl/src/timings/<adapter>.json unless told; then run pnpm gen
  --dry            write no file`;

// seen from the bundle, packages/cli/.checkout/bench.js, and from here: both lie as deep
const timings = fileURLToPath(new URL('../../../packages/kernels-wgsl/src/timings', import.meta.url));

/** @returns the exit code */
export async function tune(args: string[]): Promise<number> {
  const { positionals, values } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      words: { type: 'string' },
      model: { type: 'string', default: 'gpt2,smollm2-135m' },
      batch: { type: 'string', default: '8' },
      tokens: { type: 'string', default: '32' },
      samples: { type: 'string', default: '9' },
      out: { type: 'string' },
      dry: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    console.log(HELP);
    return 0;
  }
  const several = wantedKernels(positionals).filter(({ op }) => all.filter((kernel) => kernel.op === op).length > 1);
  const shape = { B: count('--batch', values.batch), T: count('--tokens', values.tokens) };
  const gpu = await openGpu({ exactTimestamps: true });
  const adapter = gpu.info.name;
  const work = workOf(gpu, several, { ...shape, models: values.model.split(','), isWithCases: false });
  const say = (line: string): void => void process.stderr.write(`${line}\n`);
  const rounds = count('--samples', values.samples);
  const calls: MeasuredCall[] = [];
  const better: string[][] = [];
  for (const [i, call] of work.entries()) {
    say(`${i + 1} of ${work.length}: ${call.op} ${call.pass} ${title(call.case)}`);
    const { ms, byRule } = await race(gpu, call, rounds);
    const fastest = Object.keys(ms).toSorted((a, b) => ms[a]! - ms[b]!);
    if (fastest.length < 2) continue;
    calls.push({ op: call.op, pass: call.pass, dims: call.case.dims, ms });
    const [best, rule] = [ms[fastest[0]!]!, byRule === undefined ? undefined : ms[byRule]];
    if (rule !== undefined && best < TIMING_NOISE * rule)
      better.push([`${call.op} ${call.pass}`, title(call.case), byRule!, digits(rule), fastest[0]!, digits(best)]);
  }
  gpu.dispose();
  const words = values.words?.split(',') ?? wordsOf(adapter);
  const file = values.out ?? join(timings, `${fileNameOf(words.join(' '))}.json`);
  const found: AdapterTimings = { adapter, words, calls };
  const text = `${JSON.stringify(found, null, 2)}\n`;
  const table = `${adapter}: of ${calls.length} calls, ${better.length} are faster by more than noise than what rules choose\n${
    better.length > 0 ? `\n${markdown(['call', 'sizes', 'by rule', 'ms', 'fastest', 'ms'], better)}\n` : ''
  }`;
  console.log(table);
  if (!values.dry) {
    if (!values.out) mkdirSync(timings, { recursive: true });
    writeFileSync(file, text);
    say(`written to ${file}; \`pnpm gen\` hands it to the kernels`);
  }
  return 0;
}

/** Of a lavapipe its compiler, which decides what is fast there; of any other adapter its whole name. */
function wordsOf(adapter: string): string[] {
  const compiler = /LLVM \d+/.exec(adapter)?.[0];
  return compiler && adapter.includes('llvmpipe') ? ['llvmpipe', compiler] : [adapter];
}
