/** What runs, how far it is, and what can be done to it. */
import type { ComponentChildren } from 'preact';
import type { Phase } from '../../engine/protocol.js';
import { clockText, elapsed } from './clock.js';
import { Progress } from './progressBar.js';
import { sayNow } from './sayNow.js';
import { canStep, hasLive, isBusy, playOrPause, showLive, start, stepOnce, stop } from '../session.js';
import { checked, graph, isLive, record, status, story } from '../state.js';
import './controls.css';

export function Controls() {
  const { phase } = status.value;
  // before the first run there is one button, and it stands with the words that explain it
  if (phase === 'idle' && !record.value) return null;
  return (
    <section class="panel control-bar" aria-labelledby="controls-title">
      <h2 id="controls-title" class="unseen">
        The run
      </h2>
      <div class="control-row">
        <Now />
        <Buttons />
      </div>
      {isLive.value && <Progress />}
    </section>
  );
}

function Now() {
  if (record.value && !isLive.value && status.value.phase === 'idle')
    return (
      <div class="now">
        <p class="what">
          This run was opened from files. Move the slider, point at the circuit, or run one of your own.
        </p>
      </div>
    );
  const tuned = story.value?.methods.findLast(({ steps }) => steps.length > 0)?.steps.at(-1)?.tuned;
  // what is shown meanwhile is another run
  const isAway = record.value !== undefined && !isLive.value;
  const { what, why } = sayNow(status.value, { facts: checked.value, edges: graph.value?.from.length, tuned });
  return (
    <div class="now">
      <p class="what number">{isAway ? `The run of this tab: ${what}` : what}</p>
      {why && <p class="hint">{why}</p>}
    </div>
  );
}

function Buttons() {
  const { phase, run } = status.value;
  const isAtWork = phase === 'running' || phase === 'paused' || phase === 'loading';
  const canGoOn = (phase === 'stopped' || phase === 'failed') && run !== undefined;
  return (
    <div class="buttons" role="group" aria-label="Control the run">
      {hasLive() && (
        <Act title="Back to the run of this tab" onClick={showLive}>
          Show the live run
        </Act>
      )}
      {phase !== 'idle' && (
        <span class="elapsed number" title="Time at work">
          {clockText(elapsed.value)}
        </span>
      )}
      <PlayButton canGoOn={canGoOn} />
      <Act
        title="Do one step of tuning, or the next measurement, then pause (S)"
        why={canStep.value ? undefined : isAtWork ? 'The model is still being loaded' : 'Nothing runs'}
        onClick={stepOnce}
      >
        Step
      </Act>
      <Act
        title="Save a checkpoint and end the run; it can go on later"
        why={isAtWork ? undefined : 'Nothing runs'}
        onClick={() => void stop()}
      >
        Stop
      </Act>
      {(canGoOn || phase === 'done') && (
        <Act title="The same experiment from the beginning" why={busy()} onClick={() => void start()}>
          Run again
        </Act>
      )}
    </div>
  );
}

function PlayButton({ canGoOn }: { canGoOn: boolean }) {
  const { phase } = status.value;
  if (phase === 'done') return null;
  const [text, title] = nextOf(phase, canGoOn, record.value !== undefined);
  return (
    <Act
      isPrimary
      title={title}
      why={phase === 'loading' ? 'It is being made ready, which takes a moment' : busy()}
      onClick={playOrPause}
    >
      {text}
    </Act>
  );
}

function nextOf(phase: Phase, canGoOn: boolean, isOther: boolean): [text: string, title: string] {
  if (phase === 'loading') return ['Starting …', ''];
  if (phase === 'running') return ['Pause', 'Pause after what is under way (space)'];
  if (phase === 'paused') return ['Resume', 'Let it run on (space)'];
  if (canGoOn) return ['Go on', 'Go on from the last checkpoint (space)'];
  return [isOther ? 'Run built-in' : 'Start', 'Run the built-in experiment (space)'];
}

const busy = (): string | undefined => (isBusy.value ? 'The last click is still being worked on' : undefined);

interface ActProps {
  readonly title: string;
  /** Why it cannot be pressed now; the button stays within reach, so that this can be read. */
  readonly why?: string | undefined;
  readonly isPrimary?: boolean;
  readonly onClick: () => void;
  readonly children: ComponentChildren;
}

const Act = ({ title, why, isPrimary = false, onClick, children }: ActProps) => (
  <button
    type="button"
    class={isPrimary ? 'primary' : ''}
    title={why === undefined ? title : `${why}.`}
    aria-disabled={why !== undefined}
    onClick={() => why === undefined && onClick()}
  >
    {children}
  </button>
);
