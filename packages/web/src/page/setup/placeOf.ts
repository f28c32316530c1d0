/** Where on the page an error belongs: a line of the experiment, or a line of a task file. */
import type { Trouble } from '../../engine/protocol.js';
import { lineOfKey, type KeyPath } from './editYaml.js';

export interface Place {
  /** Of the experiment's text, from 1. */
  readonly line?: number;
  /** A line of a file of rows, from 1. */
  readonly row?: { readonly file: string; readonly line: number };
}

/** Errors say `experiment: tuning.every`, `discovery.top_n`, `rows.jsonl line 3`, or what the YAML reader says. */
export function placeOf(text: string, { where = '', got }: Pick<Trouble, 'where' | 'got'>): Place {
  const [, file, row] = /^(.+?),? (?:line|item) (\d+)\b/.exec(where) ?? [];
  if (file !== undefined) {
    const line = lineOfValue(text, file);
    return { row: { file, line: Number(row) }, ...(line !== undefined && { line }) };
  }
  const yamlLine = / at line (\d+)/.exec(String(got))?.[1];
  if (yamlLine !== undefined) return { line: Number(yamlLine) };
  const key = where.replace(/^[^:]*: /, '');
  const line = /^[\w.[\]-]+$/.test(key) ? lineOfKey(text, pathOf(key)) : undefined;
  const found = line ?? lineOfValue(text, where);
  return found === undefined ? {} : { line: found };
}

/** `tuning.methods[0]` as keys. */
const pathOf = (key: string): KeyPath =>
  [...key.matchAll(/\[(\d+)\]|[^.[\]]+/g)].map(([name, index]) => (index === undefined ? name : Number(index)));

/** The first line on which a file is named, comments aside. */
function lineOfValue(text: string, value: string): number | undefined {
  if (value === '') return undefined;
  const at = text.split('\n').findIndex((line) => line.replace(/(^|\s)#.*/, '').includes(value));
  return at < 0 ? undefined : at + 1;
}
