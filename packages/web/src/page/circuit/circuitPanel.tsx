/** The circuit at the moment that is shown; beside another moment, two pictures of one scale. */
import { formatNumber } from '../../draw/table.js';
import type { RunGraph } from '../../record/record.js';
import { nodesJoined } from '../time/change.js';
import { CircuitLegend } from './circuitLegend.js';
import { CircuitPicture } from './circuitPicture.js';
import { CircuitTools } from './circuitTools.js';
import { CircuitZoom } from './circuitZoom.js';
import { momentTitle } from '../time/moments.js';
import { isOpening } from '../files/openAddress.js';
import { beside, isPair, shown } from './pictures.js';
import { graph, moment } from '../state.js';
import './circuitPanel.css';

export function CircuitPanel() {
  const on = graph.value;
  return (
    <section class="panel circuit-panel" id="circuit" tabindex={-1} aria-labelledby="circuit-title">
      <div class="panel-head">
        <h2 id="circuit-title">Circuit</h2>
        <Counts />
      </div>
      {on ? (
        <>
          <CircuitTools />
          <div class="circuit-place">
            <CircuitZoom />
            <Pictures graph={on} />
          </div>
          <CircuitLegend />
        </>
      ) : (
        <p class="hint waiting">{isOpening.value ? 'The run is being opened …' : 'The model is being read …'}</p>
      )}
    </section>
  );
}

function Counts() {
  const [on, now] = [graph.value, moment.value];
  if (!on) return null;
  const edges = formatNumber(on.from.length);
  const nodes = formatNumber(nodesJoined(on));
  if (!now) return <p class="hint number">{`${edges} edges between ${nodes} nodes; no circuit is found yet`}</p>;
  const inside = formatNumber(now.inside.length);
  const joined = formatNumber(nodesJoined(on, now.inside));
  return (
    <p class="hint number">
      {momentTitle(now)}: {inside} of {edges} edges, {joined} of {nodes} nodes
    </p>
  );
}

function Pictures({ graph: { nodes } }: { graph: RunGraph }) {
  if (!isPair.value) return <CircuitPicture nodes={nodes} picture={shown} />;
  return (
    <div class="two-pictures">
      {[beside, shown].map((picture, i) => (
        <figure key={i}>
          <figcaption>
            <strong>{i === 0 ? 'A' : 'B'}</strong> {picture.value.title}
          </figcaption>
          <CircuitPicture nodes={nodes} picture={picture} />
        </figure>
      ))}
    </div>
  );
}
