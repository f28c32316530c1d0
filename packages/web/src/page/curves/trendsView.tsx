/** Which edges grew stronger or weaker over the searches of each method, and how sure that is. */
import { analyseMethod, FEWEST_SEARCHES, nameOfEdge, type Analysis, type MethodAnalysis } from '@circuit-tuning/core';
import { useMemo } from 'preact/hooks';
import { driftTable, trendTable, verdictTable } from '../../draw/report/dynamicsTables.js';
import { HOW_TO_READ_TRENDS, trendsInWords, trendsSvg } from '../../draw/report/trends.js';
import { formatNumber } from '../../draw/table.js';
import { circuitsOf } from '../../record/methodCircuits.js';
import type { Moment, RunGraph } from '../../record/record.js';
import { isMethodShown } from '../charts/methodLegend.js';
import { Disclosure, TableView } from '../charts/tableView.js';
import { useWidth } from '../charts/useWidth.js';
import { graph, moments, pinned } from '../state.js';
import './trendsView.css';

/** As `circuit-tuning analyze` has it: the share of false ones that is accepted among the edges called changed. */
const LEVEL = 0.05;
/** Of more, a line through every edge takes longer than a picture should: they are looked at when it is asked for. */
const MANY_EDGES = 200_000;
/** Rows of each method. */
const LISTED = 200;

type TrendsOfRun = Pick<Analysis, 'level' | 'methods' | 'notes'>;

function trendsOfRun(graph: RunGraph, moments: readonly Moment[]): TrendsOfRun {
  const searched = [...new Set(moments.flatMap(({ when, method }) => (when === 'search' && method ? [method] : [])))];
  const all = searched.map((method) => analyseMethod(graph, circuitsOf(moments, method), LEVEL));
  return { level: LEVEL, methods: all.map(({ analysis }) => analysis), notes: all.flatMap(({ notes }) => notes) };
}

/** Nothing before some method has searched often enough. */
export function TrendsView() {
  const of = graph.value;
  const counts = moments.value.map(({ when, method }) => (when === 'search' ? method : undefined));
  const isEnough = counts.some(
    (method) => counts.filter((it) => it !== undefined && it === method).length >= FEWEST_SEARCHES,
  );
  if (!of || !isEnough) return null;
  const edges = of.from.length;
  return (
    <div>
      <h3>Which edges grew and shrank</h3>
      {edges > MANY_EDGES ? (
        <Disclosure summary={`A line through each of ${formatNumber(edges)} edges: this takes a moment`}>
          {() => <Trends graph={of} />}
        </Disclosure>
      ) : (
        <Trends graph={of} />
      )}
    </div>
  );
}

function Trends({ graph }: { graph: RunGraph }) {
  const found = moments.value;
  const all = useMemo(() => trendsOfRun(graph, found), [graph, found.length]);
  const trends: TrendsOfRun = { ...all, methods: all.methods.filter(({ method }) => isMethodShown(method)) };
  const drift = driftTable(trends);
  return (
    <>
      <p class="hint">{HOW_TO_READ_TRENDS} Click an edge, and Details tell its history.</p>
      {trends.methods.map((method) => (
        <OneMethod key={method.method} method={method} graph={graph} />
      ))}
      {trends.notes.length > 0 && (
        <ul class="hint trend-notes">
          {trends.notes.map((note) => (
            <li key={note}>{note}</li>
          ))}
        </ul>
      )}
      <Disclosure summary="These trends as tables">
        {() => (
          <div class="tables">
            <TableView table={verdictTable(trends)} />
            {drift.rows.length > 0 && <TableView table={drift} />}
            <TableView table={trendTable(trends, LISTED)} />
          </div>
        )}
      </Disclosure>
    </>
  );
}

function OneMethod({ method, graph }: { method: MethodAnalysis; graph: RunGraph }) {
  const [place, width] = useWidth();
  const words = trendsInWords(method);
  const pick = (target: EventTarget | null): void => {
    const name = (target as Element).closest('[data-name]')?.getAttribute('data-name');
    const edge = name === undefined ? -1 : graph.from.findIndex((_, i) => nameOfEdge(graph, i) === name);
    if (edge < 0) return;
    pinned.value = { from: graph.nodes.sources[graph.from[edge]!]!, to: graph.nodes.reads[graph.to[edge]!]! };
  };
  if (words === undefined) return null;
  return (
    <div class="trends">
      <p>{words}</p>
      <div
        ref={place}
        onClick={({ target }) => pick(target)}
        onKeyDown={(event) => {
          if (event.key !== 'Enter' && event.key !== ' ') return;
          event.preventDefault();
          pick(event.target);
        }}
        dangerouslySetInnerHTML={{
          __html: width > 0 ? trendsSvg(method, { width: Math.min(width, 640), isPickable: true }) : '',
        }}
      />
    </div>
  );
}
