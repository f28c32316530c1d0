/** What went wrong, what to do about it, and what is merely worth knowing. */
import { useSignal } from '@preact/signals';
import { device, trouble } from '../state.js';
import './troubleAlert.css';

export function TroubleAlert() {
  return (
    <>
      <div role="alert" class="alerts">
        {trouble.value && <Alert />}
      </div>
      <Notice />
    </>
  );
}

function Alert() {
  const { where, rule, got, cure, message } = trouble.value!;
  const says = rule === undefined ? message : `${where}: ${rule}, got ${String(got).replace(/\.$/, '')}.`;
  return (
    <div class="panel alert">
      <div>
        <p>
          <strong>{says}</strong>
        </p>
        {cure !== undefined && <p>{cure}.</p>}
      </div>
      <button type="button" class="quiet" onClick={() => (trouble.value = undefined)}>
        Put away
      </button>
    </div>
  );
}

function Notice() {
  const isAway = useSignal(false);
  const notice = device.value?.notice;
  if (notice === undefined || isAway.value) return null;
  return (
    <div class="notice hint" role="note">
      <p>{notice}</p>
      <button type="button" class="quiet" aria-label="Put this note away" onClick={() => (isAway.value = true)}>
        ×
      </button>
    </div>
  );
}
