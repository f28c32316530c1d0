/** Your own model, task and experiment, in three steps that write one text. */
import { useEffect, useRef } from 'preact/hooks';
import { isWatched, keepChecking } from './checking.js';
import { ExperimentStep } from './experimentStep.js';
import { keepDraft, restoreDraft } from './keepDraft.js';
import { ModelStep } from './modelStep.js';
import { NeedsList } from './needsList.js';
import { TaskStep } from './taskStep.js';
import './setupPanel.css';

export function SetupPanel() {
  const panel = useRef<HTMLElement>(null);
  useEffect(keepChecking, []);
  useEffect(() => {
    restoreDraft();
    return keepDraft();
  }, []);
  useEffect(() => {
    // checking opens models: not before someone looks
    const seen = new IntersectionObserver(([entry]) => {
      if (entry?.isIntersecting) isWatched.value = true;
    });
    seen.observe(panel.current!);
    return () => seen.disconnect();
  }, []);
  return (
    <section class="panel setup" id="own" ref={panel} aria-labelledby="own-title" tabIndex={-1}>
      <div class="panel-head">
        <h2 id="own-title">Your own model and task</h2>
        <p class="hint">Everything stays in this browser.</p>
      </div>
      <NeedsList />
      <div class="setup-pair">
        <ModelStep />
        <TaskStep />
      </div>
      <ExperimentStep />
    </section>
  );
}
