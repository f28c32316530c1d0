/** A button that opens the browser's dialog for files or a folder. */
import type { ComponentChildren } from 'preact';
import { useRef } from 'preact/hooks';
import type { PathFile } from '../../record/files.js';
import { pickedFiles } from '../../record/picked.js';

export interface PickButtonProps {
  readonly title: string;
  readonly children: ComponentChildren;
  readonly onFiles: (files: PathFile[]) => void;
  readonly folder?: boolean;
  readonly multiple?: boolean;
  /** As in `<input accept>`. */
  readonly accept?: string;
  readonly class?: string;
  readonly disabled?: boolean;
}

export function PickButton({ title, children, onFiles, folder, multiple, accept, disabled, ...rest }: PickButtonProps) {
  const input = useRef<HTMLInputElement>(null);
  return (
    <>
      <button type="button" title={title} class={rest.class} disabled={disabled} onClick={() => input.current?.click()}>
        {children}
      </button>
      <input
        ref={input}
        type="file"
        hidden
        aria-label={title}
        multiple={multiple}
        accept={accept}
        {...(folder && { webkitdirectory: true })}
        onChange={({ currentTarget }) => {
          const files = pickedFiles(currentTarget.files ?? []);
          // so that the same file can be picked again after it was corrected
          currentTarget.value = '';
          if (files.length > 0) onFiles(files);
        }}
      />
    </>
  );
}
