/** The whole page takes files: while something is dragged over it, it says what it would do with it. */
import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { droppedFiles, pickedFiles } from '../../record/picked.js';
import { openFiles } from './openFiles.js';
import { troubleOf } from '../../engine/trouble.js';
import { trouble } from '../state.js';

const hasFiles = ({ dataTransfer }: DragEvent): boolean => dataTransfer?.types.includes('Files') ?? false;

export function DropAnywhere() {
  const isOver = useSignal(false);
  useEffect(() => {
    const over = (event: DragEvent): void => {
      if (!hasFiles(event)) return;
      event.preventDefault();
      event.dataTransfer!.dropEffect = 'copy';
      isOver.value = true;
    };
    const leave = (event: DragEvent): void => {
      // between two elements of the page there is always a next one
      if (event.relatedTarget === null) isOver.value = false;
    };
    const drop = (event: DragEvent): void => {
      isOver.value = false;
      if (!event.dataTransfer || !hasFiles(event)) return;
      event.preventDefault();
      // some programs hand over files that are no entries of a file system
      const bare = pickedFiles(event.dataTransfer.files);
      droppedFiles(event.dataTransfer.items).then(
        (files) => openFiles(files.length > 0 ? files : bare),
        (error: unknown) => (trouble.value = troubleOf(error)),
      );
    };
    addEventListener('dragover', over);
    addEventListener('dragleave', leave);
    addEventListener('drop', drop);
    return () => {
      removeEventListener('dragover', over);
      removeEventListener('dragleave', leave);
      removeEventListener('drop', drop);
    };
  }, []);
  if (!isOver.value) return null;
  return (
    <div class="drop-overlay" aria-hidden="true">
      <div>
        <p class="drop-title">Drop it here</p>
        <p>A run folder, or its .zip: to look at</p>
        <p>A model folder, a task (.jsonl), an experiment (.yaml): to use</p>
        <p class="hint">It stays in this browser.</p>
      </div>
    </div>
  );
}
