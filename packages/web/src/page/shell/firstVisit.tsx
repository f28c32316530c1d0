/** Before anything ran: what this is, what a circuit is, and one button. */
import { formatNumber } from '../../draw/table.js';
import { isOpening } from '../files/openAddress.js';
import { elsewhere, goOn, isBusy, start, unfinished } from '../session.js';
import { checked, graph, record, status } from '../state.js';
import './firstVisit.css';

export function FirstVisit() {
  if (record.value || isOpening.value || status.value.phase !== 'idle') return null;
  return (
    <section class="panel first-visit" aria-labelledby="first-title">
      <h2 id="first-title" class="unseen">
        Start here
      </h2>
      <div>
        <p class="lead">
          Watch a language model being trained from the inside: find the circuit that does one task, tune only that
          circuit, and see how it changes while it learns.
        </p>
        <p>
          A <strong>circuit</strong> is the small set of connections between a model's parts by which it does one task:
          here, the few by which it knows that “the keys” take “are” and “the key” takes “is”.
        </p>
        <div class="row">
          <button type="button" class="primary" disabled={isBusy.value} onClick={() => void start()}>
            Start
          </button>
          <p class="hint">
            Runs the built-in experiment in this tab: seconds to the first circuit, up to three minutes to the end.
            Nothing is installed, nothing is uploaded.
          </p>
        </div>
        <GoOn />
        {elsewhere.value && <p class="hint">{elsewhere.value.name} is running in another tab.</p>}
      </div>
      <Steps />
    </section>
  );
}

/** What the built-in experiment does, in its order. */
function Steps() {
  const edges = graph.value?.from.length;
  const { topN, methods = [] } = checked.value ?? {};
  return (
    <ol class="steps">
      <li>
        <strong>Find.</strong> {edges === undefined ? 'Every edge' : `Each of ${formatNumber(edges)} edges`} of the
        small model below is scored by how much it matters. The strongest {topN} are the circuit.
      </li>
      <li>
        <strong>Tune.</strong> The model is taught to get every verb wrong, but only the numbers behind the circuit may
        move. Every few steps the circuit is found again.
      </li>
      <li>
        <strong>Compare.</strong> What did it learn, and what else did it forget, beside{' '}
        {methods.length > 1 ? `${methods.length - 1} other ways` : 'other ways'} of training?
      </li>
    </ol>
  );
}

/** What was cut short last time, by a reload or by closing the tab. */
function GoOn() {
  const run = unfinished.value;
  if (!run) return null;
  const { id, name, step, of, started } = run;
  return (
    <div class="row">
      <button type="button" onClick={() => void goOn(id)}>
        Go on with {name}
      </button>
      <p class="hint number">
        Begun {new Date(started).toLocaleString()}, step {step} of {of}. It is kept in this browser.
      </p>
    </div>
  );
}
