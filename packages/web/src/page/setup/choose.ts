/** What choosing a model, a task or a way to begin writes into the experiment's text. */
import { builtInTasks, isBuiltIn } from './builtInTasks.js';
import { plainPath } from './needs.js';
import { valueAt, valuesOf, withValues, type KeyPath } from './editYaml.js';

/** What a set of examples is used for. */
export const roles = ['task', 'train', 'held_out'] as const;
export type Role = (typeof roles)[number];

const without = (...paths: readonly KeyPath[]): readonly (readonly [KeyPath, undefined])[] =>
  paths.map((path) => [path, undefined]);

/** Numbers that the built-in experiments give are about the size of the built-in model: others get the defaults. */
const SIZES: readonly KeyPath[] = [
  ['discovery', 'mlp_block'],
  ['discovery', 'top_n'],
  ['discovery', 'batch_size'],
  ['tuning', 'top_n'],
  ['tuning', 'batch_size'],
  ['evaluation', 'faithfulness'],
  ['evaluation', 'batch_size'],
];

export function withModel(text: string, name: string): string {
  const was = valueAt(valuesOf(text), ['model']);
  const foreign = was === 'embedded' && name !== 'embedded' ? without(...SIZES) : [];
  return withValues(text, [[['model'], name], ...foreign]);
}

/** A task of one's own: what belonged to the built-in one goes, and the metric is what suits the task. */
export function withTask(text: string, path: string): string {
  const keep = valueAt(valuesOf(text), ['data', 'keep']);
  const builtInKeep = Object.entries(typeof keep === 'object' && keep !== null ? keep : {}).filter(
    ([, file]) => typeof file === 'string' && isBuiltIn(plainPath(file)),
  );
  const others = isBuiltIn(path) ? [] : without(...builtInKeep.map(([name]) => ['data', 'keep', name]));
  return withValues(text, [
    [['data', 'task'], path],
    ...without(['data', 'train'], ['data', 'held_out'], ['discovery', 'metric']),
    ...others,
  ]);
}

/** Another file for one of the roles; undefined takes it back to the task. */
export function withRole(text: string, role: Role, path: string | undefined): string {
  if (role === 'task' && path !== undefined) return withTask(text, path);
  return withValues(text, [[['data', role], path]]);
}

export function withKept(text: string, path: string, isKept: boolean): string {
  if (isKept) return withValues(text, [[['data', 'keep', keptName(path)], path]]);
  const keep = valueAt(valuesOf(text), ['data', 'keep']);
  const names = Object.entries(typeof keep === 'object' && keep !== null ? keep : {})
    .filter(([, file]) => typeof file === 'string' && plainPath(file) === path)
    .map(([name]) => name);
  return withValues(text, without(...names.map((name) => ['data', 'keep', name])));
}

/** `tasks/keep-gender.jsonl` is kept as `gender`. */
const keptName = (path: string): string =>
  path
    .slice(path.lastIndexOf('/') + 1)
    .replace(/\.\w+$/, '')
    .replace(/^keep-/, '');

/** A way to begin, with the model and the task that were already chosen where they are the reader's own. */
export function beginning(template: string, current: string): string {
  const values = valuesOf(current);
  const model = valueAt(values, ['model']);
  const task = valueAt(values, ['data', 'task']);
  let text = template;
  if (typeof model === 'string' && model !== 'embedded') text = withModel(text, model);
  if (typeof task === 'string' && !isBuiltIn(plainPath(task))) text = withTask(text, task);
  return text;
}

/** The experiment without tuning: a circuit is found and tested, and nothing learns. */
export const findOnly = (text: string): string =>
  withValues(text, [...without(['tuning'], ['data', 'train'], ['data', 'held_out']), [['name'], 'find']]);

export const keptFiles = (text: string): string[] => {
  const keep = valueAt(valuesOf(text), ['data', 'keep']);
  const files: unknown[] = typeof keep === 'object' && keep !== null ? Object.values(keep) : [];
  return files.flatMap((file) => (typeof file === 'string' ? [plainPath(file)] : []));
};

export const builtInPaths: readonly string[] = builtInTasks.map(({ path }) => path);
