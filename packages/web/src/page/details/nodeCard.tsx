/** A node: what it is, when it was in the circuit, what it is joined to, what it owns and how far that moved. */
import { useMemo } from 'preact/hooks';
import { nameInWords } from '../../draw/details.js';
import { formatNumber } from '../../draw/table.js';
import type { Moment, RunGraph } from '../../record/record.js';
import { around } from '../../record/edges.js';
import { historyInWords } from '../../record/historyInWords.js';
import { nodeSightings } from '../../record/turnover.js';
import { EdgeButtons } from './edgeButtons.js';
import { HeadAttention } from './headAttention.js';
import { HistoryChart } from './historyChart.js';
import { NodeParameters } from './nodeParameters.js';
import { OffSwitch } from './offSwitch.js';
import { chosenMoment, momentIndex, moments } from '../state.js';

interface Props {
  graph: RunGraph;
  now: Moment;
  node: string;
  own: readonly number[];
  method: string | undefined;
  /** What asks the model waits until the reader stays with a node. */
  isPinned: boolean;
}

export function NodeCard({ graph, now, node, own, method, isPinned }: Props) {
  const all = moments.value;
  // the run grows with every step, its circuits only with every search
  const sightings = useMemo(() => nodeSightings(graph, all, own, node), [graph, node, method, all.length, all.at(-1)]);
  const { into, out } = useMemo(() => around(graph, now, node), [graph, now, node]);
  const source = (i: number): string => {
    const what = /<(.*)>$/.exec(graph.nodes.reads[graph.to[i]!]!)?.[1];
    return `${graph.nodes.sources[graph.from[i]!]}${what ? ` as ${what}` : ''}`;
  };
  const isPart = graph.nodes.sources.includes(node) || graph.nodes.reads.includes(node);
  const strength = sightings.find(({ moment }) => moment === momentIndex.value)?.score;
  return (
    <>
      <h3>
        <code>{node}</code> {nameInWords(graph.nodes, node)}
      </h3>
      <p>{historyInWords(sightings)}</p>
      {sightings.length > 1 && (
        <>
          <h4>Strength{strength !== undefined && `: ${formatNumber(strength, 3)}`}</h4>
          <HistoryChart
            sightings={sightings}
            now={momentIndex.value}
            label={`Strength of ${node}`}
            method={method}
            onPick={(index) => (chosenMoment.value = index)}
          />
          <p class="hint">
            The sizes of the scores of its edges in the circuit, summed. Filled: in the circuit. Click to go to a
            search.
          </p>
        </>
      )}
      <div class="ends">
        {(into.inside.length > 0 || into.outside.length > 0) && (
          <Ends what="Reads" edges={into} {...{ graph, now }} text={source} />
        )}
        {(out.inside.length > 0 || out.outside.length > 0) && (
          <Ends what="Writes" edges={out} {...{ graph, now }} text={(i) => graph.nodes.reads[graph.to[i]!]!} />
        )}
      </div>
      {isPart && node !== 'logits' && <OffSwitch part={node} />}
      {!isPart ? (
        <p class="hint">This is a whole layer. Choose one of its parts to see what it owns.</p>
      ) : isPinned ? (
        <>
          <NodeParameters node={node} />
          {/^a\d+\.h\d+$/.test(node) && <HeadAttention node={node} />}
        </>
      ) : (
        <p class="hint">Click it: what it owns, and what a head looks at, stands here then.</p>
      )}
    </>
  );
}

interface EndsProps {
  what: 'Reads' | 'Writes';
  edges: { readonly inside: readonly number[]; readonly outside: readonly number[] };
  graph: RunGraph;
  now: Moment;
  text: (edge: number) => string;
}

/** Where the circuit has none of its edges, the strongest of those outside are told as such. */
function Ends({ what, edges: { inside, outside }, ...rest }: EndsProps) {
  if (inside.length === 0)
    return (
      <EdgeButtons title={`${what} along no edge of the circuit; outside it`} edges={outside.slice(0, 3)} {...rest} />
    );
  const count = `${formatNumber(inside.length)} edge${inside.length === 1 ? '' : 's'}`;
  return <EdgeButtons title={`${what} along ${count}`} edges={inside} {...rest} />;
}
