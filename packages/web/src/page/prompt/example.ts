/** A prompt to begin with: the first example of the task, up to its answer. */

/** Rows that are looked at. */
const ROWS = 5;
/** More would not be seen whole in a narrow box. */
const WORDS = 6;
const wordsIn = (text: string): number => text.split(/\s+/).length;

/** The longest that still fits, since it shows most of what the model can do. Undefined for rows that hold no text. */
export function examplePrompt(rows: string): string | undefined {
  const lines = rows.split('\n').filter((line) => line.trim() !== '');
  const prompts = lines.slice(0, ROWS).flatMap((line) => promptOf(line) ?? []);
  const fitting = prompts.filter((prompt) => wordsIn(prompt) <= WORDS);
  return fitting.toSorted((a, b) => wordsIn(b) - wordsIn(a))[0] ?? prompts[0];
}

function promptOf(line: string): string | undefined {
  let row: unknown;
  try {
    row = JSON.parse(line);
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
