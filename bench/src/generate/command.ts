/**
 * `pnpm bench generate`: what it brings that a new token runs one row behind keys and values that were kept
 * (packages/core/src/model/keyValueCache.ts). The same tokens by reading the whole text again for each, in turn, in one process.
 */
import { generate as said, generateAll, lastLogits, type DeviceModel } from '@circuit-tuning/core';
import { kernels } from '@circuit-tuning/kernels-wgsl';
import { openGpu } from '@circuit-tuning/testkit';
import { command } from '../command.js';
import { Meter } from '../device/meter.js';
import { intoDocs } from '../docs.js';
import { count, several } from '../flags.js';
import { digits, markdown } from '../markdown.js';
import { interleaved, medianOf, type Case, type Samples } from '../sampling.js';
import { shapeNames, shapeOf } from '../shapes.js';
import { loadRandom } from '../step/randomModel.js';

const HELP = `bench generate: tokens behind kept keys and values, and by reading the text again for each

  --model A,B   shapes of weights: ${shapeNames.join(', ')} (embedded,gpt2)
  --prompt N    tokens of a prompt (16)
  --tokens N    tokens that follow (32)
  --texts N     texts side by side, in a case of their own (8)
  --samples N   rounds (5)
  --docs        also puts it into docs/performance.md
  --json        every sample as JSON`;

interface Asked {
  readonly prompt: number;
  readonly tokens: number;
  readonly texts: number;
}

const names = ['whole text again', 'keys and values kept', 'kept, side by side'] as const;

export const generate = command(
  {
    help: HELP,
    options: {
      model: { type: 'string', default: 'embedded,gpt2' },
      prompt: { type: 'string', default: '16' },
      tokens: { type: 'string', default: '32' },
      texts: { type: 'string', default: '8' },
      samples: { type: 'string', default: '5' },
      docs: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
    },
  },
  async (values) => {
    const asked = {
      prompt: count('--prompt', values.prompt),
      tokens: count('--tokens', values.tokens),
      texts: count('--texts', values.texts),
    };
    const rounds = count('--samples', values.samples);
    const gpu = await openGpu();
    const meter = new Meter(gpu.device);
    const found: Record<string, Samples> = {};
    for (const name of several('--model', values.model, shapeNames)) {
      const config = shapeOf(name);
      // the embedded model has fewer positions than are asked for
      const model = await loadRandom(gpu, kernels, { ...config, T: Math.max(config.T, asked.prompt + asked.tokens) });
      const cases = casesOf(model, asked);
      for (const { run } of cases) await run();
      found[name] = await interleaved(cases, rounds, meter, (line) => process.stderr.write(`${name}, ${line}\n`));
      model.dispose();
      model.session.dispose();
    }
    meter.dispose();
    gpu.dispose();
    const told = table(gpu.info.name, asked, found);
    if (values.docs) intoDocs('generate', told);
    console.log(values.json ? JSON.stringify({ adapter: gpu.info.name, ...asked, samples: found }, null, 2) : told);
    return 0;
  },
);

/** Times are of a token. */
function casesOf(model: DeviceModel, { prompt, tokens, texts }: Asked): Case[] {
  const textOf = (of: number): number[] => Array.from({ length: prompt }, (_, t) => (7 * t + 11 * of) % model.config.V);
  const [again, kept, many] = names;
  return [
    {
      name: again,
      steps: tokens,
      async run() {
        const text = textOf(0);
        for (let made = 0; made < tokens; made++) {
          const logits = await lastLogits(model, text);
          text.push(logits.indexOf(logits.reduce((a, b) => Math.max(a, b))));
        }
      },
    },
    {
      name: kept,
      steps: tokens,
      async run() {
        const all = said(model, textOf(0), { maxTokens: tokens });
        while (!(await all.next()).done);
      },
    },
    {
      name: many,
      steps: tokens * texts,
      async run() {
        const prompts = Array.from({ length: texts }, (_, of) => textOf(of));
        await generateAll(model, prompts, { maxTokens: tokens, batchSize: texts, isOver: () => false });
      },
    },
  ];
}

function table(adapter: string, { prompt, tokens, texts }: Asked, found: Readonly<Record<string, Samples>>): string {
  const head = ['tokens a second', 'by wall clock', 'by CPU time', 'ratio', 'by CPU time'];
  const rows = Object.entries(found).flatMap(([model, samples]) =>
    names.map((name) => {
      const rates = (['wallMs', 'cpuMs'] as const).map((clock) => 1000 / (medianOf(samples, name, clock) ?? NaN));
      const before = (['wallMs', 'cpuMs'] as const).map((clock) => 1000 / (medianOf(samples, names[0], clock) ?? NaN));
      const ratios = rates.map((rate, i) => digits(rate / before[i]!));
      const [wall, cpu] = rates.map((rate) => digits(rate));
      return [`${model}: ${name}${name === names[2] ? ` (${texts} texts)` : ''}`, wall!, cpu!, ratios[0]!, ratios[1]!];
    }),
  );
  return [`${adapter}; ${tokens} tokens after ${prompt}, medians`, '', markdown(head, rows)].join('\n');
}
