/** The device of a worker: opened when it is first needed, and again after it was lost. */
import { openBrowserGpu, type BrowserGpu } from '../gpu.js';

/** Milliseconds; a device is there after 200 on two busy cores. */
const PATIENCE = 3000;

export class OneGpu {
  readonly #onLost: () => void;
  #opening: Promise<BrowserGpu> | undefined;
  pageHasWebGpu = false;

  constructor(onLost: () => void) {
    this.#onLost = onLost;
  }

  /** @throws BrowserGpuError; the next call tries again. */
  open(): Promise<BrowserGpu> {
    if (this.#opening) return this.#opening;
    const opening = openBrowserGpu({ pageHasWebGpu: this.pageHasWebGpu });
    this.#opening = opening;
    const forget = (): void => {
      if (this.#opening === opening) this.#opening = undefined;
    };
    const onLost = (): void => {
      forget();
      this.#onLost();
    };
    // once for a device: what listens to it stays as long as it, over many runs
    opening.then(({ lost }) => lost.then(onLost), forget);
    return opening;
  }

  /** Undefined where it is not open, or cannot be. */
  ifOpen(): Promise<BrowserGpu | undefined> {
    return this.#opening?.catch(() => undefined) ?? Promise.resolve(undefined);
  }

  /** The same, but not waited for long: what is wrong with a text must not wait for a driver that hangs. */
  ifSoon(): Promise<BrowserGpu | undefined> {
    const late = new Promise<undefined>((resolve) => void setTimeout(resolve, PATIENCE, undefined));
    return Promise.race([this.ifOpen(), late]);
  }

  async close(): Promise<void> {
    const gpu = await this.ifOpen();
    this.#opening = undefined;
    gpu?.close();
  }
}
