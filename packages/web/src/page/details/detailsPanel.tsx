/** What the chosen node or edge is, in words and numbers, over the whole run; with nothing chosen, where to begin. */
import { useMemo, useRef } from 'preact/hooks';
import type { Selection } from '../../draw/circuit.js';
import type { Moment, RunGraph } from '../../record/record.js';
import { strongestFirst } from '../../record/edges.js';
import { methodShown, momentsOf } from '../../record/turnover.js';
import { EdgeButtons } from './edgeButtons.js';
import { EdgeCard } from './edgeCard.js';
import { momentTitle } from '../time/moments.js';
import { NodeCard } from './nodeCard.js';
import { graph, moment, momentIndex, moments, pinned, selection } from '../state.js';
import './detailsPanel.css';

export function DetailsPanel() {
  const now = moment.value;
  const chosen = selection.value;
  const isPinned = pinned.value !== undefined && isSame(chosen, pinned.value);
  const place = useRef<HTMLElement>(null);
  // what stands below must not jump while the pointer goes from node to node: the height holds that the pinned one had
  const pinnedHeight = useRef(0);
  const wasPinned = useRef(false);
  if (wasPinned.current && !isPinned) pinnedHeight.current = place.current!.offsetHeight;
  wasPinned.current = isPinned;
  const still = pinned.value && !isPinned ? { height: `${pinnedHeight.current}px` } : undefined;
  return (
    <section
      ref={place}
      class={`panel details-panel${now && !isPinned ? ' is-still' : ''}`}
      style={still}
      aria-labelledby="details-title"
    >
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
        <Facts graph={graph.value} {...{ now, chosen, isPinned }} />
      ) : (
        <p class="hint">Point at a part of the circuit, and what it is, what it does and how it changed stands here.</p>
      )}
    </section>
  );
}

const isSame = (a: Selection | undefined, b: Selection): boolean =>
  a !== undefined &&
  ('node' in a ? 'node' in b && a.node === b.node : 'from' in b && a.from === b.from && a.to === b.to);

interface FactsProps {
  graph: RunGraph;
  now: Moment;
  chosen: Selection | undefined;
  isPinned: boolean;
}

function Facts({ graph, now, chosen, isPinned }: FactsProps) {
  const method = methodShown(moments.value, momentIndex.value);
  const own = momentsOf(moments.value, method);
  if (!chosen) return <Overview graph={graph} now={now} />;
  if ('node' in chosen)
    return <NodeCard key={chosen.node} node={chosen.node} {...{ graph, now, own, method, isPinned }} />;
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
        heading="h3"
        edges={strongest}
        graph={graph}
        now={now}
        most={8}
        text={(i) => `${graph.nodes.sources[graph.from[i]!]} → ${graph.nodes.reads[graph.to[i]!]}`}
      />
    </>
  );
}
