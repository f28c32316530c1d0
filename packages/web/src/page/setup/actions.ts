/** What the reader brings: models, data and experiments, from wherever on the page. */
import { signal } from '@preact/signals';
import type { KnownModel, Trouble } from '../../engine/protocol.js';
import { troubleOf } from '../../engine/trouble.js';
import type { PathFile } from '../../record/files.js';
import { persist } from '../../storage/persist.js';
import { nameOfRoot } from '../files/dropFiles.js';
import { lab } from '../session.js';
import { trouble } from '../state.js';
import { toast } from '../shell/toast.js';
import { withModel, withTask } from './choose.js';
import { changeDraft, dataFiles, draft, models, origin } from './draft.js';
import { plainPath } from './needs.js';

/** Address of the built-in model, tasks and experiments. */
export const embeddedFolder = (): string => new URL('embedded/', document.baseURI).href;

const fetched = new Map<string, Promise<string>>();
/** A built-in text, fetched once. Rejects where the page's own server is away. */
export function builtInText(path: string): Promise<string> {
  let text = fetched.get(path);
  if (!text) {
    text = fetch(embeddedFolder() + path).then((answer) => {
      if (!answer.ok) throw new Error(`${path}: the server of this page must send it, got ${answer.status}. Reload.`);
      return answer.text();
    });
    text.catch(() => fetched.delete(path));
    fetched.set(path, text);
  }
  return text;
}

/** Does it, and says at the top of the page what went wrong. */
export async function orTrouble<T>(work: () => Promise<T>): Promise<T | undefined> {
  try {
    return await work();
  } catch (error) {
    trouble.value = troubleOf(error);
    return undefined;
  }
}

export const refreshModels = (): Promise<void | undefined> =>
  orTrouble(async () => {
    models.value = await (await lab()).models();
  });

/** The model that is being read and kept now. */
export const arriving = signal<string | undefined>(undefined);

/** What is missing or wrong with the model that was brought last. */
export const modelTrouble = signal<Trouble | undefined>(undefined);

/** Files of a model folder; `root` is where its config.json lies. Undefined where it is none: `modelTrouble` says why. */
export async function addModel(files: readonly PathFile[], root: string): Promise<KnownModel | undefined> {
  modelTrouble.value = undefined;
  const inside = files.filter(({ path }) => path.startsWith(root) && !path.slice(root.length).includes('/'));
  const name = nameOfRoot(root, 'my-model');
  arriving.value = name;
  try {
    const known = await (
      await lab()
    ).addModel(
      name,
      inside.map(({ file }) => file),
    );
    models.value = await (await lab()).models();
    changeDraft(withModel(draft.value, known.name));
    if (known.isKept) void persist();
    return known;
  } catch (error) {
    modelTrouble.value = troubleOf(error);
    return undefined;
  } finally {
    arriving.value = undefined;
  }
}

/** Data that experiments can name from now on. */
export async function addData(files: readonly PathFile[]): Promise<void> {
  const given = files.map(({ path, file }) => ({ path: plainPath(path), file }));
  await (await lab()).addFiles(given);
  const paths = new Set(given.map(({ path }) => path));
  dataFiles.value = [...dataFiles.value.filter(({ path }) => !paths.has(path)), ...given];
}

/** Takes the first as the task, and says so. */
export async function addTask(files: readonly PathFile[]): Promise<void> {
  await addData(files);
  const [first] = files;
  if (first) changeDraft(withTask(draft.value, plainPath(first.path)));
}

/** An experiment file, with the data that came along. */
export async function openExperiment(file: PathFile, data: readonly PathFile[]): Promise<void> {
  if (data.length > 0) await addData(data);
  changeDraft(await file.file.text());
  origin.value = `The text of ${file.file.name}.`;
  toast(`${file.file.name} is in the text below. Nothing has started.`);
}
