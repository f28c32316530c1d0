/** Says that the host has a newer version of the page than the one that is open. When to reload is the reader's choice. */
import { newVersion } from './keepOffline.js';

export function NewVersionNote() {
  return (
    <div role="status">
      {newVersion.value && (
        <div class="notice hint">
          <p>A newer version of this page is there. A reload shows it; your runs stay in this browser.</p>
          <button type="button" onClick={() => location.reload()}>
            Reload
          </button>
        </div>
      )}
    </div>
  );
}
