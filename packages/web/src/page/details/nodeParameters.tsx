/** Which parameters a node owns, and how far each moved since the base model. */
import type { NodeFacts } from '../../engine/protocol.js';
import { formatNumber } from '../../draw/table.js';
import { asking } from '../asking.js';
import { hasModel, whoAnswers } from '../opened.js';
import { isLive, moments } from '../state.js';
import { useAnswer } from './useAnswer.js';

export function NodeParameters({ node }: { node: string }) {
  const canAsk = hasModel() && asking.value !== undefined;
  // told again with each search, and when a run comes to rest
  const { value, isAsking, trouble } = useAnswer(
    canAsk ? node : undefined,
    `${moments.value.length} ${whoAnswers()}`,
    () => asking.value!.nodeFacts(node),
  );
  return (
    <section class="owned" aria-busy={isAsking}>
      <h4>Its parameters</h4>
      {!canAsk && (
        <p class="hint">
          {isLive.value
            ? 'Counted as soon as the model is here.'
            : 'Which numbers it owns and how far they moved is known once its model is loaded, under “Try it”.'}
        </p>
      )}
      {trouble && <p class="trouble">{trouble}</p>}
      {value ? <Slices facts={value} /> : isAsking && <p class="hint">Asking the model…</p>}
    </section>
  );
}

function Slices({ facts: { slices, step } }: { facts: NodeFacts }) {
  if (slices.length === 0) return <p class="hint">It owns none that tuning could move.</p>;
  const numbers = slices.reduce((sum, slice) => sum + slice.numbers, 0);
  const length = (which: 'norm' | 'moved'): number => Math.hypot(...slices.map((slice) => slice[which]));
  const most = Math.max(...slices.map(share));
  return (
    <>
      <p>
        It owns {formatNumber(numbers)} numbers of the model.{' '}
        {step === 0
          ? 'Nothing has been tuned yet.'
          : length('moved') === 0
            ? `None has moved in ${formatNumber(step)} steps.`
            : `In ${formatNumber(step)} steps they moved by ${percentText(length('moved') / length('norm'))} of their size.`}
      </p>
      <div class="table" tabIndex={0} role="region" aria-label="Parameters of this node">
        <table>
          <thead>
            <tr>
              <th scope="col">Parameter</th>
              <th scope="col" class="number">
                numbers
              </th>
              <th
                scope="col"
                title="Length of what was added, as a share of the length of what was there before tuning"
              >
                moved
              </th>
            </tr>
          </thead>
          <tbody>
            {slices.map((slice) => (
              <tr key={`${slice.parameter} ${slice.from}`}>
                <th scope="row" title={`${slice.parameter}, rows ${slice.from} to ${slice.to - 1}`}>
                  <code>{slice.parameter.replace(/^blocks\.\d+\./, '')}</code>
                </th>
                <td class="number">{formatNumber(slice.numbers)}</td>
                <td>
                  <span class="moved-bar" style={{ width: `${most > 0 ? (3 * share(slice)) / most : 0}rem` }} />{' '}
                  {movedInWords(slice)}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </>
  );
}

/** Of what began at 0, such as many a bias, there is no share: then 0. */
const share = ({ norm, moved }: NodeFacts['slices'][number]): number => (norm > 0 ? moved / norm : 0);

const movedInWords = (slice: NodeFacts['slices'][number]): string =>
  slice.norm === 0 && slice.moved > 0 ? `from 0 to ${formatNumber(slice.moved, 2)}` : percentText(share(slice));

const percentText = (share: number): string =>
  share === 0 ? '0 %' : share < 1e-3 ? '< 0.1 %' : `${formatNumber(100 * share, 2).replace(/\.0$/, '')} %`;
