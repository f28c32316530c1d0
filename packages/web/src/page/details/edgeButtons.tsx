/** Edges as buttons that pin them: their ends, their score, and whether they are new. */
import { formatNumber } from '../../draw/table.js';
import type { Moment, RunGraph } from '../../record/record.js';
import { isInside } from '../../record/edges.js';
import { earlier, pinned, pointed } from '../state.js';

interface Props {
  title: string;
  edges: readonly number[];
  graph: RunGraph;
  now: Moment;
  text: (edge: number) => string;
  most?: number;
  /** `h3` where no heading of a node or an edge stands above. */
  heading?: 'h3' | 'h4';
}

export function EdgeButtons({ title, edges, graph, now, text, most = 5, heading: Heading = 'h4' }: Props) {
  const rest = edges.length - most;
  return (
    <div>
      <Heading class="small">{title}</Heading>
      <ul class="edge-list">
        {edges.slice(0, most).map((edge) => (
          <li key={edge}>
            <button type="button" class="edge" onClick={() => pin(graph, edge)}>
              <code>{text(edge)}</code>
              <Score value={now.score[edge]!} />
              {earlier.value && isInside(now, edge) && !isInside(earlier.value, edge) && (
                <span class="fate entered">entered</span>
              )}
            </button>
          </li>
        ))}
        {rest > 0 && <li class="hint">and {rest} weaker</li>}
      </ul>
    </div>
  );
}

function pin({ nodes, from, to }: RunGraph, edge: number): void {
  pointed.value = undefined;
  pinned.value = { from: nodes.sources[from[edge]!]!, to: nodes.reads[to[edge]!]! };
}

/** The sign is told by the minus, and by colour for those who see it. */
export const Score = ({ value }: { value: number }) => (
  <span class={`score ${value < 0 ? 'lowers' : 'raises'}`}>{formatNumber(value, 3)}</span>
);
