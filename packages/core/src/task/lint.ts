import { answerRows, type Example } from './example.js';
import { readTask, type Task, type TaskOptions } from './read.js';

/** What a task file holds, for a person who is about to use it. */
export interface TaskLint {
  readonly form: Task['form'];
  readonly kind: Task['kind'];
  readonly examples: number;
  /** Answers read over all examples: targets, or answer tokens of sequences. */
  readonly targets: number;
  /** Examples whose sides can be patched position by position. */
  readonly pairs: number;
  /** Examples that repeat an earlier one, id and line aside. */
  readonly duplicates: number;
  readonly skipped: Task['skipped'];
  readonly warnings: readonly string[];
  /** Examples by length in tokens, in steps of `step`; `from` is included, `to` is not. Empty steps are left out. */
  readonly lengths: readonly { readonly from: number; readonly to: number; readonly count: number }[];
  readonly longest: number;
}

/** Reads the task with `skip` and counts. Throws TaskError where no row is usable. */
export function lintTask(text: string, options: TaskOptions & { readonly step?: number }): TaskLint {
  const { examples, form, kind, warnings, skipped } = readTask(text, { ...options, skip: true });
  const step = options.step ?? 8;
  const counts = new Map<number, number>();
  const seen = new Set<string>();
  let targets = 0;
  let pairs = 0;
  let longest = 0;
  for (const example of examples) {
    const length = lengthOf(example);
    const from = Math.floor(length / step) * step;
    counts.set(from, (counts.get(from) ?? 0) + 1);
    seen.add(JSON.stringify({ ...example, id: '', line: 0 }));
    targets += answerRows(example).length;
    if (isPair(example)) pairs++;
    longest = Math.max(longest, length);
  }
  const lengths = [...counts].toSorted(([a], [b]) => a - b).map(([from, count]) => ({ from, to: from + step, count }));
  const duplicates = examples.length - seen.size;
  return { form, kind, examples: examples.length, targets, pairs, duplicates, skipped, warnings, lengths, longest };
}

function isPair(example: Example): boolean {
  return example.kind === 'tokens'
    ? example.corruptTokens?.length === example.tokens.length
    : example.corruptPrompt?.length === example.prompt.length;
}

/** Tokens the model reads for an example, the longer answer's for a sequence. */
function lengthOf(example: Example): number {
  if (example.kind === 'tokens') return example.tokens.length;
  return example.prompt.length + Math.max(example.goodAnswer.length, example.badAnswer.length) - 1;
}
