/** What the model says to the prompt now: asked again when prompt, parts or model have changed, while someone can see it. */
import { effect, signal } from '@preact/signals';
import type { PromptAnswer, PromptAsked, Trouble } from '../../engine/protocol.js';
import { troubleOf } from '../../engine/trouble.js';
import { promptShown } from '../asking.js';
import { lab } from '../session.js';
import { hasModel, whoAnswers } from '../opened.js';
import { moment, status, switchedOff } from '../state.js';
import { Latest } from './latest.js';

export const ablation = signal<PromptAsked['ablation']>('zero');
/** Only the edges of the circuit that is shown. */
export const isOnlyCircuit = signal(false);
/** Whether the panel is on the screen, and the tab in front. */
export const isSeen = signal(false);

export const answer = signal<PromptAnswer | undefined>(undefined);
export const failed = signal<Trouble | undefined>(undefined);

async function ask(): Promise<void> {
  const prompt = promptShown.peek();
  if (prompt === '') return;
  const inside = isOnlyCircuit.peek() ? moment.peek()?.inside : undefined;
  try {
    answer.value = await (
      await lab()
    ).prompt({
      prompt,
      top: 20,
      off: switchedOff.peek(),
      ...(inside && { only: inside }),
      ablation: ablation.peek(),
    });
    failed.value = undefined;
  } catch (error) {
    answer.value = undefined;
    failed.value = troubleOf(error);
  }
}

/** Keeps the answer up to date until what is returned is called. */
export function keepAsking(): () => void {
  const latest = new Latest({ ask, rest: 200, gap: 400 });
  let typed = promptShown.peek();
  const stop = effect(() => {
    const prompt = promptShown.value;
    // what changes the answer
    void [switchedOff.value, ablation.value, isOnlyCircuit.value && moment.value, status.value, whoAnswers()];
    if (!isSeen.value || !hasModel() || prompt === '') return;
    latest.want({ isTyped: prompt !== typed });
    typed = prompt;
  });
  return () => {
    stop();
    latest.stop();
  };
}
