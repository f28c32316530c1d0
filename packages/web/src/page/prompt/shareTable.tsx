/** Shares of the next token as bars with numbers, a column for each model. */
import type { PromptAnswer } from '../../engine/protocol.js';
import { formatNumber } from '../../draw/table.js';
import { changeText, shareRows, shareText, visible, type Column, type ShareRow } from './shares.js';

/** Rows for two models; what a model says without parts of it is of another kind, and takes rows of its own. */
const SHOWN = 7;
const SHOWN_OFF = 10;

export function ShareTable({ answer, isOff }: { readonly answer: PromptAnswer; readonly isOff: boolean }) {
  const { base, tuned, off, step } = answer;
  const hasOff = off !== undefined && isOff;
  const columns: readonly { readonly key: Column; readonly title: string; readonly hint: string }[] = [
    ...(base ? [{ key: 'base' as const, title: 'Base', hint: 'The model before tuning' }] : []),
    ...(tuned ? [{ key: 'tuned' as const, title: 'Tuned', hint: `After ${formatNumber(step)} steps` }] : []),
    ...(hasOff
      ? [{ key: 'off' as const, title: 'Parts off', hint: `The ${tuned ? 'tuned' : 'base'} model without them` }]
      : []),
  ];
  return (
    <table class="shares">
      <caption class="unseen">The likeliest next tokens, in percent</caption>
      <thead>
        <tr>
          <th scope="col">Next</th>
          {columns.map(({ key, title, hint }) => (
            <th scope="col" title={hint} key={key}>
              {title}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {shareRows(hasOff ? answer : { ...answer, off: [] }, hasOff ? SHOWN_OFF : SHOWN).map((row) => (
          <tr key={row.id}>
            <th scope="row">
              <code>{visible(row.text)}</code>
            </th>
            {columns.map(({ key }) => (
              <td key={key}>
                <Share row={row} column={key} before={isFirst(key, base) ? undefined : beforeOf(key, tuned)} />
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** Whether there is nothing that a column could be compared with. */
const isFirst = (column: Column, base: unknown): boolean => column === 'base' || (column === 'tuned' && !base);

/** What a column is compared with: parts are switched off in the model as it is now. */
const beforeOf = (column: Column, tuned: unknown): Column => (column === 'off' && tuned ? 'tuned' : 'base');

/** `before` is the column that it is compared with. */
function Share({ row, column, before }: { row: ShareRow; column: Column; before: Column | undefined }) {
  const share = row.shares[column];
  if (share === undefined)
    return (
      <span class="rare" title="Not among the 20 likeliest">
        rare
      </span>
    );
  const change = before && changeText(row.shares[before] ?? 0, share);
  return (
    <>
      <span class={`bar ${column}`} style={{ '--share': `${100 * share}%` }} />
      <span class="number">{shareText(share)}</span>
      {change !== undefined && (
        <span class={`change ${change.startsWith('+') ? 'up' : 'down'}`} title="points of a hundred">
          {change.startsWith('+') ? '▲' : '▼'}
          {change.slice(1)}
        </span>
      )}
    </>
  );
}
