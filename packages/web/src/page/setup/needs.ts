/** What an experiment names that is not here: models to bring or to download, files to drop. */
import { valueAt, valuesOf } from './editYaml.js';

export interface Need {
  readonly kind: 'hub model' | 'model' | 'file';
  readonly name: string;
}

export interface Here {
  readonly models: readonly string[];
  /** Built-in ones, and those that the user gave. */
  readonly files: readonly string[];
}

/** `./rows.jsonl` and `rows.jsonl` are the same file. */
export const plainPath = (path: string): string => path.replace(/^(\.\/)+/, '');

/** Empty for a text that cannot be read: the check says what is wrong with it. */
export function needsOf(text: string, here: Here): Need[] {
  const values = valuesOf(text);
  const needs: Need[] = [];
  const model = valueAt(values, ['model']);
  if (typeof model === 'string' && model !== 'embedded' && !here.models.includes(plainPath(model)))
    needs.push({ kind: isHubId(model) ? 'hub model' : 'model', name: plainPath(model) });
  for (const path of new Set(dataFiles(values)))
    if (!isHere(path, here.files)) needs.push({ kind: 'file', name: path });
  return needs;
}

/** A picked file has lost its folder: by its bare name it is found where only one is called so. */
const isHere = (path: string, files: readonly string[]): boolean =>
  files.includes(path) || files.filter((it) => bare(it) === bare(path)).length === 1;

const bare = (path: string): string => path.slice(path.lastIndexOf('/') + 1);

/** The files of an experiment, in its order. */
export function dataFiles(values: unknown): string[] {
  const data = (key: string): unknown => valueAt(values, ['data', key]);
  const named = (key: string): unknown[] => {
    const all = data(key);
    return typeof all === 'object' && all !== null ? Object.values(all) : [];
  };
  const graded = named('graded').map((of) => valueAt(of, ['task']));
  const tasks = [data('task'), data('train'), data('held_out')];
  return [...tasks, ...named('keep'), ...named('prejudice'), ...graded].flatMap((it) =>
    typeof it === 'string' ? [plainPath(it)] : [],
  );
}

/** `org/name`, as the Hugging Face hub calls a model; older ones have no org, which could be a folder's name too. */
export const isHubId = (name: string): boolean => /^[\w-][\w.-]*\/[\w.-]+$/.test(name) && !name.startsWith('..');
