/** An edge: what it carries, how strong it is among all, what its sign says, and when it was in the circuit. */
import { useMemo } from 'preact/hooks';
import { nameInWords } from '../../draw/details.js';
import { formatNumber } from '../../draw/table.js';
import type { Moment, RunGraph } from '../../record/record.js';
import { edgesNamed, isInside, rankOf, strongestFirst } from '../../record/edges.js';
import { historyInWords } from '../../record/historyInWords.js';
import { edgeSightings } from '../../record/turnover.js';
import { EdgeButtons } from './edgeButtons.js';
import { HistoryChart } from './historyChart.js';
import { OffSwitch } from './offSwitch.js';
import { chosenMoment, momentIndex, moments, pinned, pointed, record } from '../state.js';

interface Props {
  graph: RunGraph;
  now: Moment;
  from: string;
  to: string;
  own: readonly number[];
  method: string | undefined;
}

export function EdgeCard({ graph, now, from, to, own, method }: Props) {
  const edges = useMemo(() => edgesNamed(graph, from, to), [graph, from, to]);
  if (edges.length === 0)
    return (
      <p class="hint">
        This model has no edge from {from} to {to}.
      </p>
    );
  const sightings = edgeSightings(moments.value, own, edges);
  const [edge] = edges.length === 1 ? edges : [];
  return (
    <>
      <h3>
        <code>
          {from} → {to}
        </code>
      </h3>
      <p>
        What {article(nameInWords(graph.nodes, from))} writes, as {article(nameInWords(graph.nodes, to))} reads it.{' '}
        <NodeButton node={from} /> <NodeButton node={to.replace(/<.*>$/, '')} />
      </p>
      <p>{historyInWords(sightings)}</p>
      {edge !== undefined && <Standing graph={graph} now={now} edge={edge} />}
      {sightings.length > 1 && (
        <>
          <h4>Score at each search</h4>
          <HistoryChart
            sightings={sightings}
            now={momentIndex.value}
            label={`Score of ${from} → ${to}`}
            method={method}
            onPick={(index) => (chosenMoment.value = index)}
          />
          <p class="hint">Filled: in the circuit. Click to go to a search.</p>
        </>
      )}
      {edge === undefined ? (
        <EdgeButtons
          title={`Between these layers, ${formatNumber(edges.filter((it) => isInside(now, it)).length)} of ${formatNumber(edges.length)} edges are in the circuit`}
          edges={strongestFirst(now, edges)}
          graph={graph}
          now={now}
          text={(i) => `${graph.nodes.sources[graph.from[i]!]} → ${graph.nodes.reads[graph.to[i]!]}`}
        />
      ) : (
        <OffSwitch part={`${from}->${to}`} />
      )}
    </>
  );
}

function Standing({ graph, now, edge }: { graph: RunGraph; now: Moment; edge: number }) {
  const score = now.score[edge]!;
  const metric = record.value?.metric ?? 'the metric';
  const effect = score > 0 ? 'raises' : 'lowers';
  return (
    <dl>
      <dt>Score</dt>
      <dd>
        {formatNumber(score, 3)}
        {score !== 0 && `: what it carries ${effect} ${metric}, compared with the corrupted input`}
      </dd>
      <dt>Rank</dt>
      <dd>
        {formatNumber(rankOf(now, edge))} of {formatNumber(graph.from.length)} edges by size of the score
        {isInside(now, edge) ? ', in this circuit' : ', not in this circuit'}
      </dd>
    </dl>
  );
}

const NodeButton = ({ node }: { node: string }) => (
  <button
    type="button"
    class="edge inline"
    onClick={() => {
      pointed.value = undefined;
      pinned.value = { node };
    }}
    title={`Show ${node} here`}
  >
    <code>{node}</code>
  </button>
);

const article = (words: string): string => `the ${words}`;
