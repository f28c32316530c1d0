/** What each method did, side by side: how far it took the target, what was forgotten, how much of the model it moved. */
import { outcomeInWords, outcomesOf, type Outcome } from '../../record/outcome.js';
import { isTuned, type RunStory } from '../../record/story.js';
import { useCalm } from '../charts/calm.js';
import { FaithfulnessView } from './faithfulnessView.js';
import { MibView } from './mibView.js';
import { methodTitle } from '../time/moments.js';
import { OutcomeTable } from './outcomeTable.js';
import { checked, story } from '../state.js';
import { TradeOff } from './tradeOff.js';
import './methodsPanel.css';

export function MethodsPanel() {
  const now = useCalm(story, 500).value;
  const methods = now ? isTuned(now) || now.methods.some(({ method }) => method !== 'base model') : false;
  const hasCircuit = now?.faithfulness.some(({ rows }) => rows.length > 0) ?? false;
  return (
    <section class="panel methods-panel" aria-labelledby="methods-title">
      <h2 id="methods-title">{now && !methods && hasCircuit ? 'Is this the circuit?' : 'Methods compared'}</h2>
      {!now || (!methods && !hasCircuit) ? (
        <p class="hint">
          Each method starts from the same model. What it reached and what it forgot stands here side by side, as soon
          as the first is done.
        </p>
      ) : (
        <>
          {methods && <Comparison story={now} />}
          <div class="pictures-of-methods">
            {methods && <TradeOff outcomes={outcomesOf(now)} metric={now.metric} />}
            {hasCircuit && <FaithfulnessView story={now} isAlone={!methods} />}
            <MibView story={now} />
          </div>
        </>
      )}
    </section>
  );
}

function Comparison({ story }: { story: RunStory }) {
  const outcomes = outcomesOf(story);
  const words = outcomeInWords(story, outcomes);
  const open = outcomes.filter(({ state }) => state !== 'done');
  return (
    <>
      {words.length > 0 && <p class="finding">{words.join(' ')}</p>}
      {open.length > 0 && <p class="hint">{progressInWords(outcomes)}</p>}
      <OutcomeTable story={story} outcomes={outcomes} />
    </>
  );
}

function progressInWords(outcomes: readonly Outcome[]): string {
  const of = checked.value?.steps;
  const parts = outcomes.map(({ method, state, steps }) => {
    const title = methodTitle(method);
    if (state === 'done') return `${title}: done`;
    return state === 'waiting' ? `${title}: still to come` : `${title}: step ${steps}${of ? ` of ${of}` : ''}`;
  });
  return `${parts.join(' · ')}. Methods that are not done are not compared yet.`;
}
