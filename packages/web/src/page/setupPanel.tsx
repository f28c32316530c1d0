/** Your own model, task and experiment, in three steps that write one text. */
import { useEffect, useRef } from 'preact/hooks';
import { isWatched, keepChecking } from './setup/checking.js';
import { ExperimentStep } from './setup/experimentStep.js';
import { keepDraft, restoreDraft } from './setup/keepDraft.js';
import { ModelStep } from './setup/modelStep.js';
import { NeedsList } from './setup/needsList.js';
import { TaskStep } from './setup/taskStep.js';
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
