/** A prompt to begin with: the first example of the task, up to its answer. */

/** Undefined for rows that hold no text. */
export function examplePrompt(rows: string): string | undefined {
  const first = rows.split('\n').find((line) => line.trim() !== '');
  let row: unknown;
  try {
    row = JSON.parse(first ?? '');
  } catch {
    return undefined;
  }
  const text = (key: string): string | undefined => {
    const value = typeof row === 'object' && row !== null ? (row as Record<string, unknown>)[key] : undefined;
    return typeof value === 'string' && value.trim() !== '' ? value : undefined;
  };
  const prompt = text('clean') ?? text('clean_prefix');
  if (prompt !== undefined) return prompt;
  const whole = text('text') ?? text('sentence_good') ?? text('clean_text');
  // the last word and the full stop are what is to be guessed
  return whole?.split(/\s+/).slice(0, 3).join(' ');
}
