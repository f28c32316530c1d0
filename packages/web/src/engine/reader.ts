/** Reads experiments with all that they name. The last one is kept: who checks one is likely to start it. */
import type { Source } from '@circuit-tuning/core';
import { openAsked, type EmbeddedFiles, type GivenFiles, type Opened } from './experimentFiles.js';
import type { Asked } from './protocol.js';
import type { Shelf } from './shelf.js';

export class Reader {
  readonly #embedded: EmbeddedFiles;
  readonly #given: GivenFiles;
  readonly #shelf: Shelf;
  #last: { readonly key: string; readonly opened: Promise<Opened> } | undefined;

  constructor(places: { readonly embedded: EmbeddedFiles; readonly given: GivenFiles; readonly shelf: Shelf }) {
    this.#embedded = places.embedded;
    this.#given = places.given;
    this.#shelf = places.shelf;
  }

  /** @throws ConfigError, TaskError, WeightError, FileError. */
  read({ text, settings = [] }: Asked): Promise<Opened> {
    const key = JSON.stringify([text, settings]);
    if (this.#last?.key === key) return this.#last.opened;
    const opened = this.#open({ text, settings }, []);
    const last = (this.#last = { key, opened });
    // what was missing may be there the next time
    opened.catch(() => this.#last === last && this.forget());
    return opened;
  }

  /** With the data that a run keeps, whatever lies under the same names elsewhere. */
  readOf(own: { open(path: string): Promise<Source | undefined> }, text: string): Promise<Opened> {
    return this.#open({ text }, [own]);
  }

  /** What names stand for has changed. */
  forget(): void {
    this.#last = undefined;
  }

  #open(asked: Asked, own: readonly { open(path: string): Promise<Source | undefined> }[]): Promise<Opened> {
    const embedded = this.#embedded;
    const data = [...own, this.#given, embedded];
    return openAsked(asked, { data, embedded, model: (name) => this.#shelf.open(name) });
  }
}
