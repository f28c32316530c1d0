/**
 * Turns at the device: a run's next event, a question about a prompt. One has to end before the next begins, because
 * programs of a session share memory, and answers must not see half an update.
 */
export class Turns {
  #last: Promise<unknown> = Promise.resolve();

  /** In the order in which they were asked for. One that fails does not keep the next from its turn. */
  take<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#last.then(work);
    this.#last = turn.catch(() => {});
    return turn;
  }
}
