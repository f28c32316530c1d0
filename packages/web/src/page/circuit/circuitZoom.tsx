/** Buttons on the picture for those who have no wheel and no second finger. */
import type { CircuitView } from '../../draw/circuit.js';
import { views } from './circuitPicture.js';

export function CircuitZoom() {
  const all = (act: (view: CircuitView) => void) => () => views.forEach(act);
  return (
    <div class="circuit-zoom" role="group" aria-label="Size of the picture">
      <button type="button" title="Smaller" aria-label="Smaller" onClick={all((view) => view.zoom(1 / 1.4))}>
        −
      </button>
      <button
        type="button"
        title="Larger. In the picture: wheel or two fingers, drag to move"
        aria-label="Larger"
        onClick={all((view) => view.zoom(1.4))}
      >
        +
      </button>
      <button
        type="button"
        title="The whole circuit again"
        aria-label="Reset the view"
        onClick={all((view) => view.reset())}
      >
        ⤢
      </button>
    </div>
  );
}
