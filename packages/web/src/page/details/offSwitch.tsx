/** Switches a part of the model off for the prompts that the reader tries. */
import { hasModel } from '../opened.js';
import { isLive, switchedOff } from '../state.js';

export function OffSwitch({ part }: { part: string }) {
  if (!isLive.value && !hasModel()) return null;
  const isOff = switchedOff.value.includes(part);
  const toggle = (): void => {
    switchedOff.value = isOff ? switchedOff.value.filter((it) => it !== part) : [...switchedOff.value, part];
  };
  return (
    <label class="off-switch" title="The prompt panel then shows a third answer: the tuned model without this part">
      <input type="checkbox" role="switch" checked={isOff} onChange={toggle} />
      Switched off in prompts
    </label>
  );
}
