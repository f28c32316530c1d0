/** A text area for YAML with numbered lines: one of them can be marked, and Tab indents without keeping anyone in. */
import type { Signal } from '@preact/signals';
import { useSignal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import './editor.css';

export interface EditorProps {
  readonly label: string;
  readonly text: Signal<string>;
  readonly onText: (text: string) => void;
  /** From 1. */
  readonly markedLine: number | undefined;
  /** Id of what says why the line is marked. */
  readonly describedBy: string;
  /** A line to bring into view; each new object does so again. */
  readonly goTo: Signal<{ readonly line: number } | undefined>;
}

export function Editor({ label, text, onText, markedLine, describedBy, goTo }: EditorProps) {
  const area = useRef<HTMLTextAreaElement>(null);
  const gutter = useRef<HTMLDivElement>(null);
  // Tab moves on once after Escape, so that a keyboard can leave
  const mayLeave = useSignal(false);
  const lines = text.value.split('\n');
  useEffect(() => {
    const wanted = goTo.value;
    if (wanted && area.current) select(area.current, wanted.line);
  }, [goTo.value]);
  return (
    <div class="editor">
      <div class="editor-lines" ref={gutter} aria-hidden="true">
        {lines.map((_, i) => (
          <div key={i} class={i + 1 === markedLine ? 'marked' : undefined}>
            {i + 1}
          </div>
        ))}
      </div>
      <textarea
        ref={area}
        aria-label={label}
        aria-invalid={markedLine !== undefined}
        aria-describedby={describedBy}
        wrap="off"
        spellcheck={false}
        autocapitalize="none"
        autocomplete="off"
        rows={Math.min(Math.max(lines.length + 1, 12), 30)}
        value={text}
        onInput={({ currentTarget }) => onText(currentTarget.value)}
        onScroll={({ currentTarget }) => gutter.current?.scrollTo({ top: currentTarget.scrollTop })}
        onBlur={() => (mayLeave.value = false)}
        onKeyDown={(event) => {
          const { key, shiftKey, ctrlKey, metaKey, altKey, currentTarget } = event;
          if (ctrlKey || metaKey || altKey) return;
          if (key === 'Escape') mayLeave.value = true;
          else if (key === 'Tab' && !shiftKey && !mayLeave.value) {
            event.preventDefault();
            insert('  ');
          } else if (key === 'Enter') {
            const indent = indentAt(currentTarget);
            if (indent === '') return;
            event.preventDefault();
            insert(`\n${indent}`);
          }
        }}
      />
    </div>
  );
}

/** Through the browser's own editing, so that its undo knows of it. */
const insert = (text: string): void => void document.execCommand('insertText', false, text);

/** The spaces that the line of the caret begins with, two more after a key without a value. */
function indentAt({ value, selectionStart }: HTMLTextAreaElement): string {
  const line = value.slice(value.lastIndexOf('\n', selectionStart - 1) + 1, selectionStart);
  return (/^ */.exec(line)?.[0] ?? '') + (/^[^#]*:\s*$/.test(line) ? '  ' : '');
}

function select(area: HTMLTextAreaElement, line: number): void {
  const lines = area.value.split('\n');
  const start = lines.slice(0, line - 1).reduce((sum, it) => sum + it.length + 1, 0);
  area.focus();
  area.setSelectionRange(start, start + (lines[line - 1]?.length ?? 0));
  area.scrollTop = Math.max(0, (line - 4) * (area.scrollHeight / lines.length));
}
