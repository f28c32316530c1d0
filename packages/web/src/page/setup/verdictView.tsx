/** What the check found: an error at its line with the cure, or warnings and what the experiment comes to. */
import { formatNumber } from '../../draw/table.js';
import type { CheckedFacts } from '../../engine/protocol.js';
import { inBytes } from '../../storage/room.js';
import { nodesJoined } from '../time/change.js';
import { isChecking, place, verdict } from './checking.js';
import { draft } from './draft.js';
import { ErrorText } from './errorText.js';

export function VerdictView({ onLine }: { readonly onLine: (line: number) => void }) {
  const told = verdict.value;
  const isOld = told !== undefined && told.text !== draft.value;
  const line = place.value?.line;
  return (
    <div id="verdict" class="verdict" role="status" aria-busy={isChecking.value || isOld}>
      {told === undefined && <p class="hint">{isChecking.value ? 'Checking …' : 'Not checked yet.'}</p>}
      {told?.trouble && (
        <div class={isOld ? 'old' : undefined}>
          {line !== undefined && (
            <button type="button" class="chip" title="Go to the line" onClick={() => onLine(line)}>
              Line {line}
            </button>
          )}
          <ErrorText trouble={told.trouble} />
        </div>
      )}
      {told?.facts && <Facts facts={told.facts} isOld={isOld} />}
    </div>
  );
}

/** Where a threshold decides, any number may be kept. */
const keptText = (topN: number, edges: number): string =>
  topN < edges ? formatNumber(topN) : 'those above the threshold, or all';

function Facts({ facts, isOld }: { readonly facts: CheckedFacts; readonly isOld: boolean }) {
  const { model, graph, topN, methods, steps, warnings, metric, examples, memory } = facts;
  const edges = graph.from.length;
  const rows: readonly (readonly [string, string])[] = [
    ['Model', `${model.name}: ${model.modelType}, ${counted(model.L, 'layer')} of ${counted(model.H, 'head')}`],
    ['Numbers in it', formatNumber(model.parameters)],
    ['Nodes', formatNumber(nodesJoined(graph))],
    ['Edges', `${formatNumber(edges)}, of which a circuit keeps ${keptText(topN, edges)}`],
    ...(examples ? [['Examples', examplesText(examples, methods.length > 0)] as const] : []),
    ['Measured', metric.replaceAll('_', ' ')],
    ['Methods', methods.length === 0 ? 'none: nothing is tuned' : methods.join(', ')],
    ...(methods.length > 0
      ? [['Steps', `${formatNumber(steps)} each, ${formatNumber(steps * methods.length)} in all`] as const]
      : []),
    ...(memory && memory.bytes > 0
      ? [['Memory', `about ${inBytes(memory.bytes)} of the graphics device`] as const]
      : []),
  ];
  return (
    <div class={isOld ? 'old' : undefined}>
      {memory?.problem === undefined ? (
        <p class="fine">✓ This can run.</p>
      ) : (
        <p class="error-text">Likely too large for this device. {memory.problem}</p>
      )}
      <dl class="facts">
        {rows.map(([term, says]) => (
          <div key={term}>
            <dt>{term}</dt>
            <dd>{says}</dd>
          </div>
        ))}
      </dl>
      {warnings.length > 0 && (
        <details open={warnings.length < 4}>
          <summary class="warning">{warnings.length === 1 ? 'One warning' : `${warnings.length} warnings`}</summary>
          <ul>
            {warnings.slice(0, 20).map((warning) => (
              <li key={warning}>{warning}</li>
            ))}
          </ul>
          {warnings.length > 20 && <p class="hint">and {warnings.length - 20} more</p>}
        </details>
      )}
    </div>
  );
}

const counted = (count: number, what: string): string => `${count} ${what}${count === 1 ? '' : 's'}`;

const examplesText = ({ search, train, target }: NonNullable<CheckedFacts['examples']>, isTuned: boolean): string =>
  [
    `${formatNumber(search)} to find it on`,
    ...(isTuned ? [`${formatNumber(train)} to learn from`] : []),
    `${formatNumber(target)} to measure on`,
  ].join(', ');
