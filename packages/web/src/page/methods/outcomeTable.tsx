/** Method by method what was reached, what was forgotten and what it took; who is ahead is said in words. */
import type { ComponentChildren } from 'preact';
import { percent } from '../../draw/report/tables.js';
import { formatNumber } from '../../draw/table.js';
import { leadersOf, type Leaders, type Outcome } from '../../record/outcome.js';
import { keptSets, type RunStory } from '../../record/story.js';
import { LineSample, methodInWords } from '../charts/methodLegend.js';
import { methodTitle } from '../time/moments.js';
import './outcomeTable.css';

export function OutcomeTable({ story, outcomes }: { story: RunStory; outcomes: readonly Outcome[] }) {
  const sets = keptSets(story);
  const leaders = leadersOf(story, outcomes);
  const hasAccuracy = outcomes.some(({ before, after }) => (after ?? before)?.accuracy !== undefined);
  return (
    <div class="table" tabIndex={0} role="region" aria-label="What each method did">
      <table class="outcomes">
        <caption class="unseen">What each method did, before → after</caption>
        <thead>
          <tr>
            <th scope="col">Method</th>
            <Head title="What training is meant to change, before → after">{story.metric}</Head>
            {hasAccuracy && <Head title="Share of decisions that the good answer won, before → after">accuracy</Head>}
            {sets.map((name) => (
              <Head key={name} title={`Perplexity of ${name}, which must be kept: lower is better`}>
                perplexity: {name}
              </Head>
            ))}
            <Head title="The most parameters that were free to move at the same time">tuned at once</Head>
            <Head title="Parameters whose value differs from the base model at the end">moved</Head>
            <Head>steps</Head>
          </tr>
        </thead>
        <tbody>
          {outcomes.map((outcome) => (
            <Row key={outcome.method} {...{ outcome, sets, leaders, hasAccuracy }} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

const Head = ({ title, children }: { title?: string; children: ComponentChildren }) => (
  <th scope="col" class="number" title={title}>
    {children}
  </th>
);

interface RowProps {
  outcome: Outcome;
  sets: readonly string[];
  leaders: Leaders;
  hasAccuracy: boolean;
}

function Row({ outcome, sets, leaders, hasAccuracy }: RowProps) {
  const { method, before, after, tunedMax, moved, steps, state } = outcome;
  const mark = (best: readonly string[] | undefined, word: string): string | undefined =>
    best?.includes(method) ? word : undefined;
  return (
    <tr class={state}>
      <th scope="row" title={`${methodTitle(method)} ${methodInWords(method)}`}>
        <LineSample method={method} />
        {methodTitle(method)}
      </th>
      <Value best={mark(leaders.target, 'furthest')}>{change(before?.value, after?.value)}</Value>
      {hasAccuracy && (
        <Value best={mark(leaders.accuracy, 'furthest')}>{change(before?.accuracy, after?.accuracy, percent)}</Value>
      )}
      {sets.map((name) => (
        <Value key={name} best={mark(leaders.forgotOf[name], 'kept best')}>
          {change(before?.keep[name]?.perplexity, after?.keep[name]?.perplexity)}
        </Value>
      ))}
      <Value best={mark(leaders.tunedMax, 'fewest')}>{tunedMax === undefined ? '–' : formatNumber(tunedMax)}</Value>
      <Value best={mark(leaders.moved, 'fewest')}>{moved === undefined ? '–' : formatNumber(moved)}</Value>
      <Value>{state === 'waiting' ? '–' : formatNumber(steps)}</Value>
    </tr>
  );
}

const Value = ({ best, children }: { best?: string | undefined; children: ComponentChildren }) => (
  <td class="number">
    {children}
    {best && <span class="best">{best}</span>}
  </td>
);

function change(
  before: number | undefined,
  after: number | undefined,
  show = (of: number) => formatNumber(of, 3),
): string {
  if (after !== undefined) return before === undefined ? show(after) : `${show(before)} → ${show(after)}`;
  return before === undefined ? '–' : show(before);
}
