/** Where on the page files belong that were dropped or picked, by their names. */

export type Route =
  | { readonly kind: 'run' }
  | { readonly kind: 'model'; /** The folder, '' or ending in a slash. */ readonly root: string }
  | { readonly kind: 'zip'; readonly path: string }
  | { readonly kind: 'experiment'; readonly path: string; readonly data: readonly string[] }
  | { readonly kind: 'task'; readonly data: readonly string[] }
  | { readonly kind: 'unknown'; readonly message: string };

const folderOf = (path: string): string => path.slice(0, path.lastIndexOf('/') + 1);
const nameIn = (path: string): string => path.slice(path.lastIndexOf('/') + 1);
const byDepth = (a: string, b: string): number => a.split('/').length - b.split('/').length;

/** What files are, by their names: a run has a model and an experiment in it, so that it is looked for first. */
export function routeOf(paths: readonly string[]): Route {
  const sorted = paths.filter((path) => !path.split('/').some((part) => part.startsWith('.'))).toSorted(byDepth);
  const find = (pattern: RegExp): string | undefined => sorted.find((path) => pattern.test(nameIn(path)));
  if (find(/^events\.jsonl$/) !== undefined) return { kind: 'run' };
  const zip = find(/\.zip$/i);
  if (zip !== undefined) return { kind: 'zip', path: zip };
  const model = find(/^config\.json$/) ?? find(/\.safetensors$|\.safetensors\.index\.json$|^pytorch_model.*\.bin$/);
  if (model !== undefined) return { kind: 'model', root: folderOf(model) };
  const data = sorted.filter((path) => /\.(jsonl|json)$/i.test(path));
  const experiment = find(/\.ya?ml$/i);
  if (experiment !== undefined) return { kind: 'experiment', path: experiment, data };
  if (data.length > 0) return { kind: 'task', data };
  return { kind: 'unknown', message: unknownMessage(sorted) };
}

function unknownMessage(paths: readonly string[]): string {
  const [first] = paths;
  const what =
    first === undefined
      ? 'The folder has no files in it'
      : `${nameIn(first)}${paths.length > 1 ? ` and ${paths.length - 1} more` : ''} cannot be opened here`;
  return (
    `${what}. This page opens run folders and zips of them, model folders (config.json, model.safetensors, ` +
    'tokenizer.json), tasks (.jsonl) and experiments (.yaml).'
  );
}

/** The name of what lies in a folder: that of the folder, or what `otherwise` says where files were given without one. */
export const nameOfRoot = (root: string, otherwise: string): string => root.split('/').at(-2) ?? otherwise;
