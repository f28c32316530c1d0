/** What the chosen node or edge is, in words and numbers, over the whole run; with nothing chosen, where to begin. */
import { useMemo } from 'preact/hooks';
import type { Moment, RunGraph } from '../record/record.js';
import { strongestFirst } from '../record/edges.js';
import { methodShown, momentsOf } from '../record/turnover.js';
import { EdgeButtons } from './edgeButtons.js';
import { EdgeCard } from './edgeCard.js';
import { momentTitle } from './moments.js';
import { NodeCard } from './nodeCard.js';
import { graph, moment, momentIndex, moments, pinned, selection } from './state.js';
import './detailsPanel.css';

export function DetailsPanel() {
  const now = moment.value;
  const chosen = selection.value;
  return (
    <section class={`panel facts${now ? ' is-filled' : ''}`} aria-labelledby="details-title">
      <div class="panel-head">
        <h2 id="details-title">Details</h2>
        {pinned.value && (
          <button
            type="button"
            class="quiet"
            onClick={() => (pinned.value = undefined)}
            title="Unpin it: details follow the pointer again"
          >
            Let go
          </button>
        )}
      </div>
      {now && <p class="hint">{momentTitle(now)}</p>}
      {graph.value && now ? (
        <Facts graph={graph.value} now={now} chosen={chosen} />
      ) : (
        <p class="hint">Point at a part of the circuit, and what it is, what it does and how it changed stands here.</p>
      )}
    </section>
  );
}

function Facts({ graph, now, chosen }: { graph: RunGraph; now: Moment; chosen: typeof selection.value }) {
  const method = methodShown(moments.value, momentIndex.value);
  const own = momentsOf(moments.value, method);
  if (!chosen) return <Overview graph={graph} now={now} />;
  if ('node' in chosen) return <NodeCard key={chosen.node} node={chosen.node} {...{ graph, now, own, method }} />;
  return <EdgeCard from={chosen.from} to={chosen.to} {...{ graph, now, own, method }} />;
}

function Overview({ graph, now }: { graph: RunGraph; now: Moment }) {
  const strongest = useMemo(() => strongestFirst(now, now.inside), [now]);
  return (
    <>
      <p class="hint">
        Point at a node or an edge of the picture, tap it, or use the arrow keys there. A click or Enter pins it.
      </p>
      <EdgeButtons
        title="Strongest edges of this circuit"
        edges={strongest}
        graph={graph}
        now={now}
        most={8}
        text={(i) => `${graph.nodes.sources[graph.from[i]!]} → ${graph.nodes.reads[graph.to[i]!]}`}
      />
    </>
  );
}
