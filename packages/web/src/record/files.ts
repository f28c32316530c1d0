/** A run as files, wherever it lies: in a folder, a zip, the browser's storage, or memory. A keeper is one too. */
import type { Keeper } from '@circuit-tuning/core';

export type RunFiles = Pick<Keeper, 'name' | 'open' | 'list'>;
