/**
 * The run in curves, one line a method: what is learnt, what is forgotten, what is trained. All share the pointer, and all
 * mark the moment that the circuit is shown at.
 */
import { smoothed, type Series } from '../../draw/series.js';
import { measurementTable, searchTable, stepTable } from '../../draw/report/tables.js';
import { curvesOf, type Curve } from '../../record/curves.js';
import { isTuned, type RunStory } from '../../record/story.js';
import { momentNear } from '../../record/turnover.js';
import { useCalm } from '../charts/calm.js';
import { LineChartView } from '../charts/lineChartView.js';
import { methodTitle } from '../time/moments.js';
import { isMethodShown, MethodLegend } from '../charts/methodLegend.js';
import { checked, chosenMoment, isLive, moment, momentIndex, moments, story } from '../state.js';
import { Disclosure, TableView } from '../charts/tableView.js';
import { TrendsView } from './trendsView.js';
import './curvesPanel.css';

const GROUPS = [
  {
    group: 'target',
    title: 'What is learnt',
    hint: 'The target is what training is meant to change, measured on the examples of the task. Training itself lowers the loss.',
  },
  {
    group: 'keep',
    title: 'What must be kept',
    hint: 'Perplexity on text that tuning should leave alone. Where a line rises, the model forgets.',
  },
  {
    group: 'circuit',
    title: 'What is trained',
    hint: 'How many numbers of the model are free to move, and how far they have moved.',
  },
  {
    group: 'search',
    title: 'How the circuit changes',
    hint: 'How much of a circuit stays from search to search (1 is the same circuit, 0 has no edge in common), and whether scores lie on few edges or are spread over many: entropy rises as they spread.',
  },
] as const;

export function CurvesPanel() {
  const now = useCalm(story).value;
  if (!now || !isTuned(now))
    return (
      <section class="panel" aria-labelledby="curves-title">
        <h2 id="curves-title">Curves</h2>
        <p class="hint">
          {now && !willTune()
            ? 'This run finds a circuit and tunes nothing, so there is nothing to draw over time.'
            : 'While a model is tuned, its target, its loss and what it forgets are drawn here step by step.'}
        </p>
      </section>
    );
  const curves = curvesOf(now, isMethodShown);
  const end = lastStep(now);
  return (
    <section class="panel curves-panel" aria-labelledby="curves-title">
      <div class="panel-head">
        <h2 id="curves-title">Curves</h2>
        <MethodLegend methods={now.methods.map(({ method }) => method)} />
      </div>
      <p class="hint">Point at a step, and all curves tell it. Click, and the circuit is shown as it was then.</p>
      {GROUPS.map(({ group, title, hint }) => {
        const own = curves.filter((curve) => curve.group === group);
        return (
          own.length > 0 && (
            <div key={group}>
              <h3>{title}</h3>
              <p class="hint">{hint}</p>
              <div class="chart-grid">
                {own.map((curve) => (
                  <OneCurve key={keyOf(curve, end)} curve={curve} end={end} />
                ))}
              </div>
            </div>
          )
        );
      })}
      <TrendsView />
      <Disclosure summary="All of these numbers as tables">{() => <Tables story={now} />}</Disclosure>
    </section>
  );
}

const willTune = (): boolean => isLive.value && (checked.value?.methods.length ?? 0) > 0;

/** What a chart is made with once: another key makes another chart. */
const keyOf = ({ id, title, isYLog, window = 1 }: Curve, end: number): string =>
  [id, title, isYLog, window, end].join();

/** Where all charts end: a run that goes on fills them from left to right. */
const lastStep = ({ methods }: RunStory): number =>
  Math.max(
    1,
    isLive.value ? (checked.value?.steps ?? 0) : 0,
    ...methods.map(({ steps, measured }) => Math.max(steps.at(-1)?.step ?? 0, measured.at(-1)?.step ?? 0)),
  );

const HEIGHT = 170;

function OneCurve({ curve, end }: { curve: Curve; end: number }) {
  const { title, isYLog, yRange, window = 1 } = curve;
  const isSmooth = window > 1;
  const named = curve.hasOwnNames
    ? curve.lines
    : curve.lines.map((line): Series => ({ ...line, name: methodTitle(line.name), look: line.name }));
  const series = isSmooth ? named.flatMap((line) => smoothed(line, window)) : named;
  return (
    <LineChartView
      series={series}
      options={{
        title: isSmooth ? `${title} (pale), and its mean over ${window} steps` : title,
        xLabel: 'step',
        height: HEIGHT,
        sync: 'step',
        isYLog,
        isKeyed: curve.hasOwnNames === true,
        xRange: [0, end],
        ...(yRange && { yRange }),
        onPick: goTo,
      }}
      cursor={moment.value?.step}
    />
  );
}

/** The circuit as it was at the search nearest to a step. */
function goTo(step: number): void {
  const index = momentNear(moments.value, momentIndex.value, step);
  if (index >= 0) chosenMoment.value = index;
}

function Tables({ story }: { story: RunStory }) {
  return (
    <div class="tables">
      <TableView table={measurementTable(story)} />
      {story.methods.some(({ searches }) => searches.length > 0) && <TableView table={searchTable(story)} />}
      {story.methods
        .filter(({ steps }) => steps.length > 0)
        .map((method) => (
          <Disclosure key={method.method} summary={`Every step of ${method.method}`}>
            {() => <TableView table={stepTable(method)} />}
          </Disclosure>
        ))}
    </div>
  );
}
