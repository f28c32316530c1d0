/**
 * The experiment of a run from elsewhere, in names that mean something here. The command line writes whole paths into a
 * run: where files lay on someone's disk helps nobody else, and is not theirs to know.
 */
import { isBuiltIn } from './builtInTasks.js';
import { valueAt, valuesOf, withValues, type KeyPath } from './editYaml.js';

export function forHere(text: string): string {
  const values = valuesOf(text);
  const keep = valueAt(values, ['data', 'keep']);
  const kept = Object.keys(typeof keep === 'object' && keep !== null ? keep : {});
  const places: readonly KeyPath[] = [
    ['model'],
    ...['task', 'train', 'held_out'].map((key) => ['data', key]),
    ...kept.map((name) => ['data', 'keep', name]),
  ];
  const changes = places.flatMap((place): (readonly [KeyPath, string])[] => {
    const path = valueAt(values, place);
    return typeof path === 'string' && isWhole(path) ? [[place, nameHere(path)]] : [];
  });
  const hasPlace = valueAt(values, ['output_dir']) !== undefined;
  if (changes.length === 0 && !hasPlace) return text;
  return withValues(text, [...changes, ...(hasPlace ? [[['output_dir'], undefined] as const] : [])]);
}

/** `/home/…` or `C:\…`, or an address. */
const isWhole = (path: string): boolean => /^([\\/]|[A-Za-z]:[\\/]|\w+:\/\/)/.test(path);

function nameHere(path: string): string {
  const parts = path.split(/[\\/]/).filter((part) => part !== '');
  const builtIn = parts.slice(-2).join('/');
  return isBuiltIn(builtIn) && parts.at(-3) === 'embedded' ? builtIn : (parts.at(-1) ?? path);
}
