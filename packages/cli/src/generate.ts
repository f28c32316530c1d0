/** `circuit-tuning generate`: what a model says next. */
import {
  ConfigError,
  generate,
  tokensOf,
  type Example,
  type Model,
  type Profiler,
  type Tokenizer,
} from '@circuit-tuning/core';
import type { Command } from 'commander';
import { printJson } from './conduct.js';
import { addDType, type DTypeFlag } from './dtype.js';
import { interruptible } from './interrupt.js';
import { addMemory, requireBudget, type MemoryFlag } from './memoryBudget.js';
import { openNodeModel } from './nodeModel.js';
import { openBase } from './prepare.js';
import { addProfile, profilerOf, tellProfile, withProfile, type ProfileFlag } from './profile.js';
import { rehearseGenerate } from './rehearsals.js';
import { count, real } from './values.js';

interface GenerateFlags extends ProfileFlag, MemoryFlag, DTypeFlag {
  readonly model: string;
  readonly prompt?: string;
  readonly tokens?: readonly number[];
  readonly maxTokens: number;
  readonly temperature: number;
  readonly topK?: number;
  readonly seed: number;
  readonly json?: true;
}

const tokenIds = (value: string): number[] =>
  value
    .split(/[\s,]+/)
    .filter(Boolean)
    .map(count('--tokens', 0));

export function addGenerate(program: Command): void {
  const all = program
    .command('generate')
    .description('go on with a text, greedily or by drawing')
    .requiredOption('--model <folder>', "model folder, 'embedded', or org/name in the Hugging Face cache")
    .option('--prompt <text>', 'text to go on with')
    .option('--tokens <ids>', 'the same as token ids, for a model without a tokenizer', tokenIds)
    .option('--max-tokens <n>', 'tokens to add', count('--max-tokens', 1), 40)
    .option('--temperature <t>', '0 takes the likeliest token, 1 draws as the model says', real('--temperature'), 0)
    .option('--top-k <k>', 'draw among the k likeliest', count('--top-k', 1))
    .option('--seed <n>', 'of the draws', count('--seed', 0), 0)
    .option('--json', 'print text and token ids for machines');
  addMemory(addProfile(addDType(all))).action(async (flags: GenerateFlags, command: Command) => {
    if (flags.temperature === 0)
      for (const [flag, key] of [
        ['--top-k', 'topK'],
        ['--seed', 'seed'],
      ] as const)
        if (command.getOptionValueSource(key) === 'cli')
          throw new ConfigError({
            where: flag,
            rule: 'takes effect only with --temperature above 0',
            got: flags[key]!,
            cure: 'Leave it out',
          });
    const profiler = profilerOf(flags);
    const base = await openBase(flags.model);
    const prompt = promptOf(flags, base);
    const length = Math.min(base.config.T, prompt.length + flags.maxTokens);
    const longest: Example = { kind: 'tokens', id: '', line: 1, tokens: Array<number>(length).fill(0), targets: [] };
    const shorter = (most: number): string => `stop at ${most} tokens, the prompt's included (--max-tokens)`;
    const asked = { base, where: 'generate', batchSize: 1, examples: [longest], shorter };
    await requireBudget(flags, asked, (model, _, [text]) => rehearseGenerate(model, prompt.length, tokensOf(text!)));
    const write = flags.json ? () => {} : (text: string) => void process.stdout.write(text);
    const tokens = await interruptible(
      () => {},
      (signal) => go(base, prompt, flags, { write, signal, profiler }),
    );
    const text = base.tokenizer && decoded(base.tokenizer, [...prompt, ...tokens]);
    const said = { prompt_tokens: prompt, tokens, ...(text !== undefined && { text }) };
    if (flags.json) printJson(withProfile(said, profiler));
    else process.stdout.write('\n');
    await tellProfile(profiler, { isJson: flags.json === true });
  });
}

interface Going {
  readonly write: (text: string) => void;
  readonly signal: AbortSignal;
  readonly profiler: Profiler | undefined;
}

async function go(
  base: Model,
  prompt: readonly number[],
  flags: GenerateFlags,
  { write, signal, profiler }: Going,
): Promise<number[]> {
  const { maxTokens, temperature, topK, seed } = flags;
  const { tokenizer } = base;
  const opened = await openNodeModel(base, { profiler, dtype: flags.dtype });
  const tokens: number[] = [];
  let told = '';
  const tell = (): void => {
    if (!tokenizer) return write(`${tokens.at(-1) ?? prompt.join(' ')} `);
    const text = decoded(tokenizer, [...prompt, ...tokens]);
    // A character of several tokens is shown when it is whole.
    if (text.endsWith('\uFFFD')) return;
    write(text.slice(told.length));
    told = text;
  };
  try {
    tell();
    const stop = tokenizer?.eosId === undefined ? [] : [tokenizer.eosId];
    for await (const token of generate(opened.model, prompt, {
      maxTokens,
      temperature,
      seed,
      stop,
      ...(topK !== undefined && { topK }),
    })) {
      tokens.push(token);
      tell();
      signal.throwIfAborted();
    }
    return tokens;
  } finally {
    opened.dispose();
  }
}

/** Without the mark of a text's beginning, which nobody typed. */
const decoded = (tokenizer: Tokenizer, tokens: readonly number[]): string =>
  tokenizer.decode(tokens[0] === tokenizer.bosId && tokenizer.addsBos ? tokens.slice(1) : tokens);

function promptOf({ prompt, tokens }: GenerateFlags, { tokenizer, folder }: Model): readonly number[] {
  if ((prompt === undefined) === (tokens === undefined))
    throw new ConfigError({
      where: '--prompt',
      rule: 'must be given, or --tokens instead',
      got: prompt === undefined ? 'neither' : 'both',
      cure: 'As in --prompt "Once upon a time"',
    });
  if (tokens) return tokens;
  if (tokenizer) return tokenizer.encode(prompt!);
  throw new ConfigError({
    where: '--prompt',
    rule: 'needs a tokenizer beside the model',
    got: `none in ${folder.name}`,
    cure: 'Give token ids: --tokens 1,2,3',
  });
}
