/** Try it: what comes next after a prompt, by the base model and the tuned one, and with parts switched off. */
import { useSignalEffect } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import { formatNumber } from '../../draw/table.js';
import { promptShown } from '../asking.js';
import { hasModel } from '../opened.js';
import { answer, failed, isOnlyCircuit, isSeen, keepAsking } from './answers.js';
import { PartsOff } from './partsOff.js';
import { prefillPrompt } from './prefill.js';
import { ShareTable } from './shareTable.js';
import { LoadAgain, LoadModel, WhichModel } from './openedModel.js';
import { ErrorText } from '../setup/errorText.js';
import { checked, isLive, record, status, switchedOff } from '../state.js';
import './promptPanel.css';

export function PromptPanel() {
  const panel = useRef<HTMLElement>(null);
  useEffect(keepAsking, []);
  useEffect(() => watchSeen(panel.current!), []);
  useSignalEffect(() => {
    const experiment = record.value?.experiment ?? checked.value?.experiment;
    if (experiment !== undefined) void prefillPrompt(experiment);
  });
  return (
    <section class="panel prompt" ref={panel} aria-labelledby="prompt-title">
      <div class="panel-head">
        <h2 id="prompt-title">Try it</h2>
        <p class="hint">Which word comes next?</p>
      </div>
      <label class="field">
        The beginning of a sentence
        <input
          type="text"
          value={promptShown}
          spellcheck={false}
          autocomplete="off"
          autocapitalize="none"
          onInput={({ currentTarget }) => (promptShown.value = currentTarget.value)}
        />
      </label>
      {hasModel() ? <Answers /> : <NoModel />}
    </section>
  );
}

function Answers() {
  const isOff = switchedOff.value.length > 0 || isOnlyCircuit.value;
  return (
    <>
      {!isLive.value && <WhichModel />}
      <div role="status">{failed.value && <ErrorText trouble={failed.value} />}</div>
      {failed.value && !isLive.value && <LoadAgain />}
      {status.value.waiting !== undefined && (
        <p class="hint">The model is at work. It answers as soon as that is done.</p>
      )}
      {answer.value && !failed.value && <ShareTable answer={answer.value} isOff={isOff} />}
      {answer.value && (
        <p class="hint number">
          {answer.value.tuned
            ? `Tuned: after ${formatNumber(answer.value.step)} steps. ▲ and ▼: points of a hundred more or less than before.`
            : 'Nothing is tuned yet: what the tuned model says will stand beside this.'}
        </p>
      )}
      <PartsOff />
    </>
  );
}

/** What is needed before there is someone to answer. */
function NoModel() {
  if (isLive.value && status.value.phase === 'loading') return <p class="hint">The model is being loaded.</p>;
  if (record.value && !isLive.value) return <LoadModel />;
  return (
    <p class="hint">The model answers here as soon as a run has begun, and changes its answers while it learns.</p>
  );
}

function watchSeen(panel: HTMLElement): () => void {
  let isOnScreen = false;
  const tell = (): void => {
    isSeen.value = isOnScreen && document.visibilityState === 'visible';
  };
  const observer = new IntersectionObserver(([entry]) => {
    isOnScreen = entry?.isIntersecting ?? false;
    tell();
  });
  observer.observe(panel);
  document.addEventListener('visibilitychange', tell);
  return () => {
    observer.disconnect();
    document.removeEventListener('visibilitychange', tell);
  };
}
