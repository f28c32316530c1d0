// What every runtime of core and kernels-wgsl (Node, browsers, workers) has beyond the language itself.
// Nothing else of a runtime is visible there: no node:*, no DOM, no process.
declare class TextDecoder {
  constructor(label?: string, options?: { fatal?: boolean; ignoreBOM?: boolean });
  decode(input?: ArrayBufferView | ArrayBuffer, options?: { stream?: boolean }): string;
}
declare class TextEncoder {
  encode(input?: string): Uint8Array<ArrayBuffer>;
}
declare const performance: { now(): number };
declare function structuredClone<T>(value: T): T;
interface AbortSignal {
  readonly aborted: boolean;
  throwIfAborted(): void;
}
