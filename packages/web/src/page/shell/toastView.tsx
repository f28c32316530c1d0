/** The last toast, for a while; it stays as long as the pointer or the focus is on it. */
import { useEffect } from 'preact/hooks';
import { useSignal } from '@preact/signals';
import { toasted } from './toast.js';
import './toastView.css';

/** Enough to read two sentences and to reach the button. */
const SHOWN = 8000;

export function ToastView() {
  const isHeld = useSignal(false);
  const told = toasted.value;
  const hold = (held: boolean) => () => (isHeld.value = held);
  useEffect(() => {
    if (!told || isHeld.value) return;
    const timer = setTimeout(() => (toasted.value = undefined), SHOWN);
    return () => clearTimeout(timer);
  }, [told, isHeld.value]);
  return (
    <div class="toast-place" role="status">
      {told && (
        <div
          class="toast"
          onPointerEnter={hold(true)}
          onPointerLeave={hold(false)}
          onFocusIn={hold(true)}
          onFocusOut={hold(false)}
        >
          <p>{told.says}</p>
          {told.action && (
            <button
              type="button"
              onClick={() => {
                toasted.value = undefined;
                told.action?.does();
              }}
            >
              {told.action.label}
            </button>
          )}
          <button type="button" class="quiet" aria-label="Put this away" onClick={() => (toasted.value = undefined)}>
            ×
          </button>
        </div>
      )}
    </div>
  );
}
