/** A sentence about what was just done, with a way back where there is one. */
import { signal } from '@preact/signals';

export interface Toast {
  readonly says: string;
  readonly action?: { readonly label: string; readonly does: () => void };
}

export const toasted = signal<Toast | undefined>(undefined);

export function toast(says: string, action?: Toast['action']): void {
  toasted.value = { says, ...(action && { action }) };
}
