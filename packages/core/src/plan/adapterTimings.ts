/** What kernels took on one kind of adapter, as a file tells it. */
import type { Size } from '../op.js';

/** A file that ships with the kernels: their times on one kind of adapter. `pnpm bench tune` writes it. */
export interface AdapterTimings {
  /** The adapter that was measured, as its driver calls it. */
  readonly adapter: string;
  /** The file speaks for adapters whose name has all of these words in it, in any case: ['llvmpipe', 'LLVM 15']. */
  readonly words: readonly string[];
  readonly calls: readonly MeasuredCall[];
}

/** One call, served by each kernel that can, in one run. */
export interface MeasuredCall {
  readonly op: string;
  readonly pass: 'forward' | 'backward';
  /** The sizes that matter: those of the op, by letter. */
  readonly dims: Size;
  /** Milliseconds by the name of the kernel. */
  readonly ms: Readonly<Record<string, number>>;
}
