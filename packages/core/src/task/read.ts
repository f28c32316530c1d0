import { TaskError } from '../errors.js';
import { checkExample, checkStoredIds, warnOdd } from './check.js';
import type { Example, SequenceExample, TaskTokenizer, TokensExample } from './example.js';
import { checkRow, isRecord, rowsOf, tellForm } from './parse.js';
import { requireSingle, type RowContext } from './answers.js';
import { readRow, type PairDraft } from './rows.js';
import type { Form } from './schema.js';

export interface TaskOptions {
  /** What errors call the file. */
  readonly name: string;
  /** Without one, only rows of token ids can be read. */
  readonly tokenizer?: TaskTokenizer | undefined;
  /** Read the rows as this form, instead of telling it from the keys of the first row. */
  readonly form?: Form | undefined;
  /** Swap good and bad: teach the opposite. Of sentence pairs the other sentence becomes the model's input. */
  readonly flip?: boolean | undefined;
  /**
   * 'single': every answer is one token; 'sequence': answers are compared by their total log-probability;
   * 'auto' (the default): sequences for the whole file as soon as one answer has several tokens.
   */
  readonly answers?: 'single' | 'sequence' | 'auto' | undefined;
  /** Leave out the rows that cannot be used, with a warning each, instead of throwing at the first. */
  readonly skip?: boolean | undefined;
  /**
   * Of plain texts, the first so many only: those of a large file take seconds to cut into tokens. Rows with answers are
   * all read, for one of them can make sequences of all. Not together with `skip`.
   */
  readonly limit?: number | undefined;
  /** Ids from here on are an error. */
  readonly vocabSize?: number | undefined;
  /** The model's longest context: longer examples are an error, longer plain texts are cut with a warning. */
  readonly maxTokens?: number | undefined;
}

export interface Task {
  readonly name: string;
  readonly form: Form;
  /** All examples are of this kind. */
  readonly kind: Example['kind'];
  readonly examples: readonly Example[];
  /** Each begins with its line: 'line 7: …'. */
  readonly warnings: readonly string[];
  /** Rows left out because of `skip`. */
  readonly skipped: readonly { readonly line: number; readonly reason: string }[];
}

/**
 * A task file as examples: JSONL, a JSON list (of rows or of strings), or AutoCircuit's `{ "prompts": [...] }`.
 * Throws TaskError naming the line, the text and the cure.
 */
export function readTask(text: string, options: TaskOptions): Task {
  const { name, tokenizer, flip = false, answers = 'auto', maxTokens, vocabSize } = options;
  const warnings: string[] = [];
  const skipped: { line: number; reason: string }[] = [];
  const { rows: all, unit, form: fileForm } = rowsOf(text, name);
  const warn = (line: number, message: string) => warnings.push(`${unit} ${line}: ${message}`);
  const place = (line: number) => `${name} ${unit} ${line}`;

  /** What `make` gives for each item; with `skip`, an item whose error is told instead is left out. */
  const each = <Item extends { readonly line: number }, Made>(items: readonly Item[], make: (item: Item) => Made) =>
    items.flatMap((item) => {
      try {
        return [make(item)];
      } catch (error) {
        if (options.skip !== true || !(error instanceof TaskError)) throw error;
        skipped.push({ line: item.line, reason: error.message });
        warn(item.line, `skipped. ${error.message}`);
        return [];
      }
    });

  let form = options.form ?? fileForm;
  const [head] = all;
  const isText = head && options.limit !== undefined && (form ?? tellForm(head.read(), place(head.line))) === 'text';
  const rows = isText ? all.slice(0, options.limit) : all;
  const drafts = each(rows, ({ line, read }) => {
    const where = place(line);
    const row = read();
    form ??= tellForm(row, where);
    const id = idOf(row) ?? `${name}:${line}`;
    const labels = labelsIn(row);
    const draft = draftOf(form, row, {
      where,
      line,
      id,
      tokenizer,
      flip,
      maxTokens,
      warn: (message) => warn(line, message),
    });
    return { ...draft, ...labels };
  });
  // Before anything else is said about its positions and ids: with a foreign tokenizer all of them are wrong.
  if (form === 'sv') checkStoredIds(drafts, name);
  const asSequences = answers === 'sequence' || (answers === 'auto' && drafts.some(hasLongAnswer));
  const examples = each(drafts, (draft) => {
    const where = place(draft.line);
    const tell = (message: string) => warn(draft.line, message);
    const example = draft.kind !== 'pair' ? draft : asSequences ? asSequence(draft, tell) : asTokens(draft);
    if (draft.kind !== 'pair') requireKind(draft, answers, where);
    checkExample(example, { where, tokenizer, vocabSize, maxTokens });
    warnOdd(example, tell);
    return example;
  });
  const [first] = examples;
  if (!first || !form) throw emptyError(name, skipped);
  return { name, form, kind: first.kind, examples, warnings, skipped };
}

/** Generic in the name, so that a form's rows reach that form's reader. */
function draftOf<Name extends Form>(form: Name, row: unknown, context: RowContext): Example | PairDraft {
  return readRow[form](checkRow(form, row, context.where), context);
}

function idOf(row: unknown): string | undefined {
  const id = isRecord(row) ? row.id : undefined;
  return typeof id === 'string' || typeof id === 'number' ? String(id) : undefined;
}

/** Checked by the forms that have them. */
function labelsIn(row: unknown): { template?: string; group?: string } {
  const { template, group } = isRecord(row) ? row : {};
  return {
    ...(typeof template === 'string' && { template }),
    ...(typeof group === 'string' && { group }),
  };
}

const hasLongAnswer = (draft: Example | PairDraft): boolean =>
  draft.kind === 'pair' && [...draft.good, ...draft.bad].some(({ ids }) => ids.length !== 1);

function asTokens({ id, template, group, line, where, prompt, corruptPrompt, good, bad }: PairDraft): TokensExample {
  const single = (answer: PairDraft['good'][number]) => requireSingle(answer, where);
  return {
    kind: 'tokens',
    id,
    ...(template !== undefined && { template }),
    ...(group !== undefined && { group }),
    line,
    tokens: prompt,
    targets: [{ pos: prompt.length, good: good.map(single), bad: bad.map(single) }],
    ...(corruptPrompt && { corruptTokens: corruptPrompt, corruptPositions: [corruptPrompt.length] }),
  };
}

function asSequence(draft: PairDraft, warn: (message: string) => void): SequenceExample {
  const { id, template, group, line, prompt, corruptPrompt, good, bad } = draft;
  if (good.length > 1 || bad.length > 1) warn('of several answers only the first is compared as a sequence');
  return {
    kind: 'sequence',
    id,
    ...(template !== undefined && { template }),
    ...(group !== undefined && { group }),
    line,
    prompt,
    goodAnswer: good[0]?.ids ?? [],
    badAnswer: bad[0]?.ids ?? [],
    ...(corruptPrompt && { corruptPrompt }),
  };
}

function requireKind(example: Example, answers: TaskOptions['answers'], where: string): void {
  if (example.kind === 'sequence' && answers === 'single') {
    throw new TaskError({
      where,
      rule: 'single answers need rows with an answer each',
      got: 'a pair of whole sentences',
      cure: 'Read the file with answers: sequence (or auto)',
    });
  }
  if (example.kind === 'tokens' && example.targets.length > 0 && answers === 'sequence') {
    throw new TaskError({
      where,
      rule: 'sequence answers need rows with a prompt and answers, or pairs of sentences',
      got: 'targets at positions of a text',
      cure: 'Write {"clean": "...", "answers": ["..."], "wrong_answers": ["..."]}, or read the file with answers: single',
    });
  }
}

function emptyError(name: string, skipped: Task['skipped']): TaskError {
  const [first] = skipped;
  return new TaskError({
    where: name,
    rule: 'a task must hold at least one example',
    got: first ? `${skipped.length} rows that cannot be used, the first: ${first.reason}` : 'none',
    cure: 'Write one JSON object a line, such as {"text": "The dogs are", "targets": [{"pos": 2, "good": " are", "bad": " is"}]}',
  });
}
