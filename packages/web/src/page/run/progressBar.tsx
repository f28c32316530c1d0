/** The stages of a run in a row, each filled as far as it is. */
import { lineOf } from '../../draw/theme.js';
import { methodTitle } from '../time/moments.js';
import { shareDone, stagesOf } from './progress.js';
import { checked, status, story } from '../state.js';
import './progressBar.css';

export function Progress() {
  if (!checked.value) return null;
  const stages = stagesOf(checked.value, story.value, status.value);
  const { phase } = status.value;
  const percent = Math.round(100 * shareDone(stages));
  return (
    <div
      class={phase === 'running' || phase === 'loading' ? 'stages at-work' : 'stages'}
      role="progressbar"
      aria-label="The whole run"
      aria-valuenow={percent}
      aria-valuemin={0}
      aria-valuemax={100}
    >
      {stages.map(({ method, done, isNow }) => {
        const { light, dark } = lineOf(method ?? 'before');
        return (
          <div
            key={method ?? ''}
            class={isNow ? 'now' : ''}
            style={{ '--done': done, '--light': light, '--dark': dark }}
          >
            <span class="bar" />
            <span class="name">{method === undefined ? 'Find the circuit' : methodTitle(method)}</span>
          </div>
        );
      })}
    </div>
  );
}
