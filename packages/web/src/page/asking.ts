/** What details ask of the model while a run is in this tab, and about which prompt. */
import { signal } from '@preact/signals';
import type { AttentionPattern, NodeFacts } from '../engine/protocol.js';

/** Undefined while there is no worker to ask. */
export const asking = signal<
  | {
      nodeFacts(node: string): Promise<NodeFacts>;
      attention(node: string, prompt: string): Promise<AttentionPattern>;
    }
  | undefined
>(undefined);
/** The prompt that the reader tries; empty where there is none. */
export const promptShown = signal('');
