/** What a circuit is, and which keys do what, in a dialog. */
import { useRef } from 'preact/hooks';
import { keys } from './shortcuts.js';
import './helpDialog.css';

export function HelpDialog() {
  const dialog = useRef<HTMLDialogElement>(null);
  return (
    <>
      <button
        type="button"
        class="quiet"
        title="What is this? Keys and words"
        onClick={() => dialog.current?.showModal()}
      >
        Help
      </button>
      <dialog ref={dialog} class="help" aria-labelledby="help-title">
        <form method="dialog">
          {/* read from here: the first button, which would have the focus else, stands at the end */}
          <h2 id="help-title" tabIndex={-1} autofocus>
            What you see
          </h2>
          <dl>
            <dt>Model</dt>
            <dd>
              A language model reads from the bottom up. Each row is a layer of attention heads (circles) or of MLP
              neurons (boxes); the input stands below, the logits, its guess of the next word, above.
            </dd>
            <dt>Edge</dt>
            <dd>What one part writes, as another reads it. Thicker: it matters more for the task.</dd>
            <dt>Circuit</dt>
            <dd>
              The strongest edges and the parts they join: a small part of the model that carries much of the task. How
              much, is tested by cutting all other edges.
            </dd>
            <dt>Circuit-tuning</dt>
            <dd>
              Only the numbers that belong to the circuit are trained. Every few steps the circuit is searched for
              again, since training moves it.
            </dd>
          </dl>
          <h3>Keys</h3>
          <dl class="keys">
            {keys.map(({ key, does }) => (
              <>
                <dt>
                  <kbd>{key}</kbd>
                </dt>
                <dd>{does}</dd>
              </>
            ))}
          </dl>
          <button type="submit" class="primary">
            Close
          </button>
        </form>
      </dialog>
    </>
  );
}
