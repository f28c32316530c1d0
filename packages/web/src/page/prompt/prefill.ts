/** Puts an example of the task into the prompt, unless the reader has written one. */
import { promptShown } from '../asking.js';
import { builtInText } from '../setup/actions.js';
import { isBuiltIn } from '../setup/builtInTasks.js';
import { dataFiles } from '../setup/draft.js';
import { valueAt, valuesOf } from '../setup/editYaml.js';
import { plainPath } from '../setup/needs.js';
import { examplePrompt } from './example.js';

let filled = '';

export async function prefillPrompt(experiment: string): Promise<void> {
  const task = valueAt(valuesOf(experiment), ['data', 'task']);
  if (typeof task !== 'string') return;
  const example = examplePrompt(await rowsOf(plainPath(task)).catch(() => ''));
  // what the reader wrote stays
  if (example === undefined || promptShown.peek() !== filled) return;
  filled = example;
  promptShown.value = example;
}

/** The CLI writes whole paths into a run: of a built-in set their end tells. */
async function rowsOf(path: string): Promise<string> {
  const file = dataFiles.peek().find((it) => it.path === path)?.file;
  if (file) return file.slice(0, 20_000).text();
  const known = /tasks\/[\w.-]+$/.exec(path)?.[0] ?? path;
  return isBuiltIn(known) ? builtInText(known) : '';
}
