/** What each method did, side by side: how far it took the target, what was forgotten, how much of the model it moved. */
import type { ComponentChildren } from 'preact';
import { faithfulnessTable } from '../draw/report/tables.js';
import { formatNumber } from '../draw/table.js';
import { percent } from '../draw/report/tables.js';
import { faithfulnessLines } from '../record/curves.js';
import { leadersOf, outcomeInWords, outcomesOf, type Leaders, type Outcome } from '../record/outcome.js';
import { isTuned, keptSets, whenInWords, withoutScale, type RunStory } from '../record/story.js';
import { useCalm } from './calm.js';
import { drawTheme } from './drawTheme.js';
import { LineChartView } from './lineChartView.js';
import { LineSample, methodInWords } from './methodLegend.js';
import { methodTitle } from './moments.js';
import { checked, story } from './state.js';
import { Disclosure, TableView } from './tableView.js';
import { TradeOff } from './tradeOff.js';
import './methodsPanel.css';

export function MethodsPanel() {
  const now = useCalm(story, 500).value;
  const methods = now ? isTuned(now) || now.methods.some(({ method }) => method !== 'base model') : false;
  const hasCircuit = now?.faithfulness.some(({ rows }) => rows.length > 0) ?? false;
  return (
    <section class="panel methods" aria-labelledby="methods-title">
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
            {hasCircuit && <Faithfulness story={now} isAlone={!methods} />}
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

function OutcomeTable({ story, outcomes }: { story: RunStory; outcomes: readonly Outcome[] }) {
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

/** A band is an area, a single point a dot. */
function Sample({ method, isArea, isDot }: { method: string; isArea: boolean; isDot: boolean }) {
  if (!isArea && !isDot) return <LineSample method={method} />;
  const { colour } = drawTheme.value.line(method);
  return <span class={isArea ? 'area' : 'dot'} style={{ background: isArea ? `${colour}55` : colour }} />;
}

function Faithfulness({ story, isAlone }: { story: RunStory; isAlone: boolean }) {
  const { lines, yRange } = faithfulnessLines(story);
  const odd = withoutScale(story).map(({ when, rows }) => {
    const { clean, ablated } = rows[0]!;
    return `${whenInWords(story, when)} ${formatNumber(clean, 3)} and ${formatNumber(ablated, 3)}`;
  });
  return (
    <div class="faithfulness">
      {!isAlone && <h3>How faithful are the circuits?</h3>}
      <p class="hint">
        All edges outside the circuit are cut, and the metric is measured again: 1 is as good as the whole model, 0 as
        bad as with every edge cut. Random circuits of the same size stand beside it.
      </p>
      {odd.length > 0 && (
        <p class="care">
          Take care: the whole model and the model with every edge cut hardly differ ({odd.join('; ')}), and a share of
          so small a difference means little.
        </p>
      )}
      <p class="legend">
        {lines.map(({ name, look = name, band, points }) => (
          <span key={name} class="key">
            <Sample method={look} isArea={band !== undefined} isDot={points.length === 1} />
            {name}
            {band && ' (lowest to highest)'}
            {points.length === 1 && ' (one size)'}
          </span>
        ))}
      </p>
      <LineChartView
        key={yRange.join()}
        series={lines}
        options={{
          title: 'Faithfulness by number of edges',
          xLabel: 'edges',
          isXLog: true,
          height: 240,
          yRange,
          levels: [
            { y: 1, text: 'whole model' },
            { y: 0, text: 'every edge cut' },
          ],
        }}
      />
      <Disclosure summary="Faithfulness as a table">{() => <TableView table={faithfulnessTable(story)} />}</Disclosure>
    </div>
  );
}
