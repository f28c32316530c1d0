import { show, TaskError } from '../errors.js';
import {
  bosOf,
  continuation,
  encode,
  requirePos,
  requireTokenizer,
  singleAfter,
  type Answer,
  type RowContext,
} from './answers.js';
import type { Example, Target } from './example.js';
import type { Form, Row } from './schema.js';

/**
 * A prompt whose answers may have one token or several: which kind of example it becomes is settled once for a whole
 * file, so that one task is never measured in two units.
 */
export interface PairDraft {
  readonly kind: 'pair';
  readonly id: string;
  readonly template?: string;
  readonly group?: string;
  readonly line: number;
  readonly where: string;
  readonly prompt: readonly number[];
  readonly corruptPrompt?: readonly number[];
  readonly good: readonly Answer[];
  readonly bad: readonly Answer[];
}

type Draft = Example | PairDraft;

/** One row of each form as an example, or as a draft of one. All throw TaskError. */
export const readRow: { readonly [Name in Form]: (row: Row<Name>, context: RowContext) => Draft } = {
  pair: (row, context) => pairOf(row, context),
  autocircuit: (row, context) => pairOf(row, context),
  prefix: (row, context) =>
    pairOf(
      {
        clean: row.clean_prefix,
        corrupt: row.patch_prefix,
        answers: [row.clean_answer],
        wrong_answers: [row.patch_answer],
      },
      context,
    ),
  text: readText,
  tokens: readTokens,
  sv: readSentencePair,
  blimp: readMinimalPair,
};

function pairOf(
  row: { clean: string; corrupt?: string | undefined; answers: string[]; wrong_answers?: string[] | undefined },
  context: RowContext,
): PairDraft {
  const { where, line, id, flip } = context;
  if (flip) requireBad(row.wrong_answers?.length, context);
  const prompt = encode(row.clean, context);
  if (prompt.length === 0) {
    throw new TaskError({
      where,
      rule: 'a prompt must have at least one token',
      got: show(row.clean),
      cure: 'Write the words before the answer in "clean", or use a tokenizer that puts a bos in front',
    });
  }
  const after = (answer: string) => ({ text: answer, ids: continuation(row.clean, prompt, answer, context) });
  const answers = row.answers.map(after);
  const wrong = (row.wrong_answers ?? []).map(after);
  const corruptPrompt = row.corrupt === undefined ? undefined : encode(row.corrupt, context);
  return {
    kind: 'pair',
    id,
    line,
    where,
    prompt,
    ...(corruptPrompt && { corruptPrompt }),
    good: flip ? wrong : answers,
    bad: flip ? answers : wrong,
  };
}

function readText(row: Row<'text'>, context: RowContext): Example {
  const tokenizer = requireTokenizer(context, row.text);
  const own = tokenizer.encode(row.text, { addBos: false });
  const shift = bosOf(tokenizer).length;
  const targets = (row.targets ?? []).map(({ pos, good, bad }) => {
    requirePos(pos, own, context);
    const single = (answer: string | number) =>
      typeof answer === 'number' ? answer : singleAfter(own, pos, answer, context);
    return { pos: pos + shift, good: asList(good).map(single), bad: asList(bad).map(single) };
  });
  const corrupt = row.corrupt_text === undefined ? undefined : encode(row.corrupt_text, context);
  const subject = row.subject?.map((at) => at + shift);
  return tokensExample({ tokens: [...bosOf(tokenizer), ...own], corrupt, targets, subject, text: row.text }, context);
}

function readTokens(row: Row<'tokens'>, context: RowContext): Example {
  const targets = (row.targets ?? []).map(({ pos, good, bad }) => ({ pos, good: asList(good), bad: asList(bad) }));
  return tokensExample(
    {
      tokens: row.tokens,
      corrupt: row.corrupt_tokens,
      targets,
      subject: row.subject,
      text: JSON.stringify(row.tokens),
    },
    context,
  );
}

function tokensExample(
  facts: {
    tokens: number[];
    corrupt: number[] | undefined;
    targets: Target[];
    subject: number[] | undefined;
    text: string;
  },
  context: RowContext,
): Example {
  const { where, line, id, flip, maxTokens, warn } = context;
  let { tokens } = facts;
  const isPlain = facts.targets.length === 0;
  if (isPlain && tokens.length < 2) {
    throw new TaskError({
      where,
      rule: 'text without targets must have at least two tokens, or there is nothing to predict',
      got: show(facts.text),
      cure: 'Write more text, or add targets',
    });
  }
  if (isPlain && maxTokens !== undefined && tokens.length > maxTokens) {
    warn(`cut from ${tokens.length} to ${maxTokens} tokens, the model's context`);
    tokens = tokens.slice(0, maxTokens);
  }
  let { targets } = facts;
  if (flip) {
    for (const target of targets) requireBad(target.bad.length, context);
    // The text must say what is now good, or a loss over all tokens would teach the old answer.
    const said = new Map(targets.map(({ pos, good, bad }) => [pos, { good, bad }]));
    tokens = tokens.map((token, pos) => {
      const turned = said.get(pos);
      return turned?.good.includes(token) ? (turned.bad[0] ?? token) : token;
    });
    targets = targets.map(({ pos, good, bad }) => ({ pos, good: bad, bad: good }));
  }
  const { corrupt, subject } = facts;
  return {
    kind: 'tokens',
    id,
    line,
    tokens,
    targets: inPosOrder(targets),
    ...(corrupt && { corruptTokens: corrupt }),
    ...(corrupt && corrupt.length === tokens.length && { corruptPositions: inPosOrder(targets).map(({ pos }) => pos) }),
    ...(subject && { subject }),
  };
}

function readSentencePair(row: Row<'sv'>, context: RowContext): Example {
  const tokenizer = requireTokenizer(context, row.clean_text);
  const shift = bosOf(tokenizer).length;
  const clean = { text: row.clean_text, pos: row.clean_verb_pos, ids: row.clean_verb_ids };
  const corr = { text: row.corr_text, pos: row.corr_verb_pos, ids: row.corr_verb_ids };
  const counts = new Set([clean.pos.length, corr.pos.length, clean.ids.length, corr.ids.length]);
  if (counts.size > 1) {
    throw new TaskError({
      where: context.where,
      rule: 'the four lists of verb positions and ids must have one length',
      got: `${clean.pos.length}, ${corr.pos.length}, ${clean.ids.length} and ${corr.ids.length} in ${show(row.clean_text)}`,
      cure: 'Give one position and one id for every verb on both sides',
    });
  }
  // As the authors' collate function: to teach disagreement the model reads corr_text and its verbs are the good ones.
  const [input, other] = context.flip ? [corr, clean] : [clean, corr];
  const tokens = encode(input.text, context);
  const verbs = input.pos.map((pos, at) => ({
    pos: pos + shift,
    otherPos: (other.pos[at] ?? pos) + shift,
    good: [input.ids[at] ?? 0], // one length, checked above
    bad: [other.ids[at] ?? 0],
  }));
  verbs.sort((a, b) => a.pos - b.pos);
  return {
    kind: 'tokens',
    id: context.id,
    line: context.line,
    tokens,
    targets: verbs.map(({ pos, good, bad }) => ({ pos, good, bad })),
    corruptTokens: encode(other.text, context),
    corruptPositions: verbs.map(({ otherPos }) => otherPos),
    ...(row.subj_pos && { subject: row.subj_pos.map((at) => at + shift) }),
  };
}

/**
 * The shared first words are the prompt: their log-probability is the same on both sides and cancels, so that
 * log p(good rest) - log p(bad rest) is the difference of the whole sentences, at fewer rows to read.
 */
function readMinimalPair(row: Row<'blimp'>, context: RowContext): Example {
  const tokenizer = requireTokenizer(context, row.sentence_good);
  const [goodText, badText] = context.flip
    ? [row.sentence_bad, row.sentence_good]
    : [row.sentence_good, row.sentence_bad];
  let good = encode(goodText, context);
  let bad = encode(badText, context);
  if (good[0] !== bad[0]) {
    if (tokenizer.bosId === undefined) {
      throw new TaskError({
        where: context.where,
        rule: 'sentences that differ in their first token need a bos token to predict it from',
        got: `${show(goodText)} and ${show(badText)}, and a tokenizer without bos`,
        cure: 'Leave the row out, or give the tokenizer a bos_token',
      });
    }
    good = [tokenizer.bosId, ...good];
    bad = [tokenizer.bosId, ...bad];
  }
  let shared = 0;
  while (shared < Math.min(good.length, bad.length) && good[shared] === bad[shared]) shared++;
  // Published files hold such rows (two of BLiMP's passive_1), so a warning: leaving them out would change the count.
  if (goodText === badText) context.warn(`the two sentences are the same, neither can win: ${show(goodText)}`);
  // Where one sentence begins the other, a token goes back to both sides: no answer is empty.
  const cut = Math.min(shared, good.length - 1, bad.length - 1);
  if (cut === 0) {
    throw new TaskError({
      where: context.where,
      rule: 'a sentence must have at least two tokens, the first only predicts',
      got: show(goodText),
      cure: 'Leave the row out, or use a tokenizer that puts a bos in front',
    });
  }
  return {
    kind: 'sequence',
    id: context.id,
    line: context.line,
    prompt: good.slice(0, cut),
    goodAnswer: good.slice(cut),
    badAnswer: bad.slice(cut),
  };
}

function requireBad(count: number | undefined, { where }: RowContext): void {
  if (count) return;
  throw new TaskError({
    where,
    rule: 'flip swaps the right and the wrong answers, so both must be there',
    got: 'no wrong answer',
    cure: 'Add "wrong_answers" (or "bad" to the target), or leave flip out',
  });
}

const asList = <Item>(one: Item | Item[] | undefined): Item[] =>
  one === undefined ? [] : Array.isArray(one) ? one : [one];

const inPosOrder = (targets: readonly Target[]): Target[] => targets.toSorted((a, b) => a.pos - b.pos);
