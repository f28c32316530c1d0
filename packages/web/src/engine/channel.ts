/** Messages between page and worker, as both ends of the RPC take them. Errors cross as plain data. */
import type { ChannelOptions } from 'birpc';
import { LabError, troubleOf } from './trouble.js';
import type { Trouble } from './protocol.js';

/** What a Worker, the inside of one and a MessagePort have in common. */
export interface Port {
  postMessage(message: unknown): void;
  addEventListener(type: 'message', listener: (event: MessageEvent) => void): void;
  removeEventListener(type: 'message', listener: (event: MessageEvent) => void): void;
}

/** The `e` of a message is what a call threw. */
interface Failed {
  readonly e?: unknown;
}

export function portChannel(port: Port): ChannelOptions & { timeout: number } {
  const listeners = new Map<(data: unknown) => void, (event: MessageEvent) => void>();
  return {
    post: (message) => port.postMessage(message),
    on(fn) {
      const listener = (event: MessageEvent): void => fn(event.data);
      listeners.set(fn, listener);
      port.addEventListener('message', listener);
    },
    off(fn) {
      const listener = listeners.get(fn);
      if (listener) port.removeEventListener('message', listener);
    },
    serialize: (message: Failed) =>
      message.e === undefined ? message : { ...message, e: troubleOf(message.e) satisfies Trouble },
    deserialize: (message: Failed) =>
      message.e === undefined ? message : { ...message, e: new LabError(message.e as Trouble) },
    // a download, or a large model, takes as long as it takes
    timeout: -1,
  };
}
