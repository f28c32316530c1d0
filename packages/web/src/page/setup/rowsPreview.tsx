/** The first rows of a file of examples, and in a line what it is. */
import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { builtInText } from './actions.js';
import { builtInTasks, isBuiltIn } from './builtInTasks.js';
import { dataFiles } from './draft.js';

const SHOWN = 2;

export function RowsPreview({ path }: { readonly path: string }) {
  const rows = useSignal<readonly string[]>([]);
  const file = dataFiles.value.find((it) => it.path === path)?.file;
  useEffect(() => {
    let isStale = false;
    rows.value = [];
    void firstRows(path, file).then(
      (found) => !isStale && (rows.value = found),
      // the check says what is wrong with a file that cannot be read
      () => {},
    );
    return () => {
      isStale = true;
    };
  }, [path, file]);
  if (rows.value.length === 0) return null;
  return (
    <figure class="rows-preview">
      <figcaption class="hint">
        {builtInTasks.find((it) => it.path === path)?.what ?? `The first rows of ${path}:`}
      </figcaption>
      <pre tabIndex={0}>{rows.value.join('\n')}</pre>
    </figure>
  );
}

async function firstRows(path: string, file: File | undefined): Promise<string[]> {
  // of a long file the beginning is enough
  const text = file ? await file.slice(0, 20_000).text() : isBuiltIn(path) ? await builtInText(path) : '';
  const rows = text.split('\n').filter((line) => line.trim() !== '');
  return rows.slice(0, SHOWN).map((row) => row.replace(/"id":"[^"]*",/, ''));
}
