/** events.jsonl: what a run told, one JSON object a line, and how much of it still holds after an interruption. */
import type { RunEvent } from './events.js';
import { keptText, type Keeper } from './keeper.js';

const FILE = 'events.jsonl';
const utf8 = new TextEncoder();

/** Events with the byte where each ends; a last line that was cut off is none. */
export async function keptEvents(keeper: Keeper): Promise<{ event: RunEvent; end: number }[]> {
  let end = 0;
  return ((await keptText(keeper, FILE)) ?? '')
    .split('\n')
    .slice(0, -1)
    .map((line) => {
      end += utf8.encode(line).byteLength + 1;
      return { event: JSON.parse(line) as RunEvent, end };
    });
}

export class EventLog {
  readonly #keeper: Keeper;
  #size: number;

  private constructor(keeper: Keeper, size: number) {
    this.#keeper = keeper;
    this.#size = size;
  }

  /** Goes on after `size` bytes; what came after them is forgotten. */
  static async openAt(keeper: Keeper, size: number): Promise<EventLog> {
    await keeper.truncate(FILE, size);
    return new EventLog(keeper, size);
  }

  /** Bytes so far: what a checkpoint remembers, to forget what came after it. */
  get size(): number {
    return this.#size;
  }

  async append(event: RunEvent): Promise<void> {
    const line = utf8.encode(`${JSON.stringify(event)}\n`);
    await this.#keeper.append(FILE, line);
    this.#size += line.byteLength;
  }
}
