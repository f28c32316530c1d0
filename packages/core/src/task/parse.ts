import { closestMatch } from 'leven';
import type { z } from 'zod';
import { show, TaskError } from '../errors.js';
import { schemas, tellingKeys, type Form, type Row } from './schema.js';

/** A file cut into rows; a JSONL line is only parsed when asked for, so that one broken line need not spoil the rest. */
export interface Rows {
  readonly rows: readonly { readonly line: number; readonly read: () => unknown }[];
  /** What `line` counts, for messages. */
  readonly unit: 'line' | 'item';
  /** Known before the first row where the file as a whole tells it. */
  readonly form?: Form;
}

/** JSONL, a JSON list of strings or rows, or AutoCircuit's `{ "prompts": [...] }`. */
export function rowsOf(file: string, name: string): Rows {
  const text = file.replace(/^\uFEFF/, '');
  const start = text.trimStart();
  if (start.startsWith('[')) {
    const list = parseOr(text, () => {
      throw new TaskError({
        where: name,
        rule: 'a file that begins with [ must be one JSON list',
        got: 'broken JSON',
        cure: 'Close the list, or write one JSON object a line',
      });
    });
    return { rows: itemsOf(list).map(asTextRow), unit: 'item' };
  }
  if (/^\{\s*"(prompts|word_idxs|seq_labels)"/.test(start)) {
    const whole = parseOr(text, () => undefined);
    const prompts = isRecord(whole) ? whole.prompts : undefined;
    if (Array.isArray(prompts)) return { rows: itemsOf(prompts), unit: 'item', form: 'autocircuit' };
  }
  const rows = text.split('\n').flatMap((content, at) => {
    const line = at + 1;
    return content.trim() === '' ? [] : [{ line, read: () => parseLine(content, `${name} line ${line}`) }];
  });
  return { rows, unit: 'line' };
}

/** The form of a row by its keys. */
export function tellForm(row: unknown, where: string): Form {
  const keys = isRecord(row) ? Object.keys(row) : [];
  for (const [key, form] of tellingKeys) if (keys.includes(key)) return form;
  const known = tellingKeys.map(([key]) => key);
  const near = keys.map((key) => [key, nearest(key, known)] as const).find(([, match]) => match !== undefined);
  throw new TaskError({
    where,
    rule: `a row must have one of the keys ${known.join(', ')}`,
    got: isRecord(row) ? `the keys ${show(keys)}` : show(row),
    cure: near
      ? `Did you mean ${show(near[1])} instead of ${show(near[0])}?`
      : 'Write rows like {"clean": "...", "corrupt": "...", "answers": [" is"], "wrong_answers": [" are"]}',
  });
}

/** The row, if it fits its form. */
export function checkRow<Name extends Form>(form: Name, row: unknown, where: string): Row<Name> {
  // The table is indexed by the same name, which TypeScript cannot follow through safeParse.
  const schema = schemas[form] as unknown as z.ZodType<Row<Name>>;
  const parsed = schema.safeParse(row);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw issue ? rowError(issue, form, row, where) : parsed.error;
}

function rowError(issue: z.core.$ZodIssue, form: Form, row: unknown, where: string): TaskError {
  const at = valueAt(row, issue.path);
  if (issue.code === 'unrecognized_keys') {
    const [key = ''] = issue.keys;
    const known = keysOf(form, issue.path);
    const near = nearest(key, known);
    return new TaskError({
      where,
      rule: `a row must hold only known keys (${known.join(', ')})`,
      got: show(key),
      cure: near === undefined ? `Remove ${show(key)}` : `Did you mean ${show(near)}?`,
    });
  }
  if (issue.path.length === 0) {
    return new TaskError({ where, rule: 'a row must be a JSON object', got: show(row), cure: 'Write {"text": "..."}' });
  }
  const key = pathText(issue.path);
  const missing = at === undefined;
  return new TaskError({
    where,
    rule: missing ? `a row of this form (${form}) must have ${show(key)}` : `${show(key)} ${issue.message}`,
    got: missing ? `only ${show(Object.keys(isRecord(row) ? row : {}))}` : show(at),
    cure: missing ? `Add ${show(key)}; all rows of a file have one form` : 'Correct the value',
  });
}

function keysOf(form: Form, path: readonly PropertyKey[]): string[] {
  if (path[0] === 'targets') return ['pos', 'good', 'bad'];
  return Object.keys(schemas[form].shape);
}

const pathText = (path: readonly PropertyKey[]): string =>
  path
    .map((part, at) => (typeof part === 'number' ? `[${part}]` : at === 0 ? String(part) : `.${String(part)}`))
    .join('');

function valueAt(row: unknown, path: readonly PropertyKey[]): unknown {
  let value = row;
  for (const part of path) {
    value = typeof value === 'object' && value !== null ? (value as Record<PropertyKey, unknown>)[part] : undefined; // any object may be indexed for reading
  }
  return value;
}

/** The known word closest to `word`, if it is near enough to have been meant. */
function nearest(word: string, known: readonly string[]): string | undefined {
  return closestMatch(word, [...known], { maxDistance: Math.max(2, Math.floor(word.length / 3)) });
}

const itemsOf = (list: unknown): Rows['rows'] =>
  Array.isArray(list) ? list.map((item: unknown, at) => ({ line: at + 1, read: () => item })) : [];

const asTextRow = ({ line, read }: Rows['rows'][number]): Rows['rows'][number] => {
  const item = read();
  return { line, read: () => (typeof item === 'string' ? { text: item } : item) };
};

function parseLine(content: string, where: string): unknown {
  return parseOr(content, () => {
    throw new TaskError({
      where,
      rule: 'a line must be one whole JSON object',
      got: show(content.trim()),
      cure: 'Put every object on a line of its own, with keys and strings in double quotes and no comma at the end',
    });
  });
}

function parseOr(text: string, otherwise: () => unknown): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return otherwise();
  }
}

export const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
