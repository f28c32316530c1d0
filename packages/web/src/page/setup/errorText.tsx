/** An error in the page's words: what must hold, what was there, and what to do. */
import type { Trouble } from '../../engine/protocol.js';

export function ErrorText({ trouble }: { readonly trouble: Trouble }) {
  const { where, rule, got, cure, message } = trouble;
  if (rule === undefined) return <p class="error-text">{message}</p>;
  return (
    <p class="error-text">
      <strong>{where}</strong>: {rule}, got {String(got)}. {cure !== undefined && <em>{endSentence(cure)}</em>}
    </p>
  );
}

const endSentence = (text: string): string => (/[.!?]$/.test(text) ? text : `${text}.`);
