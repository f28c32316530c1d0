/** A plan as text, a line for each dispatch: which kernel, for which call, on which buffers, how many workgroups. */
import type { Place, Plan } from './plan.js';

/** `  12  matmulNT.forward_bias  blocks.0.attn.q  slot3+512, blocks.0.attn.W_Q → slot1  [2, 4, 1]`: of slot 3 the tensor that begins at byte 512 */
export function printPlan({ dispatches, slots, leaves, fetches }: Plan): string {
  const lines = dispatches.map(({ kernel, entry, label, bindings, grid }, i) => {
    const read = bindings.filter(({ access }) => access === 'read').map(show);
    const written = bindings.filter(({ access }) => access === 'read_write').map(show);
    return `${String(i).padStart(4)}  ${kernel}.${entry}  ${label}  ${read.join(', ')} → ${written.join(', ')}  [${grid.join(', ')}]`;
  });
  const size = (bytes: number): string => `${(bytes / 2 ** 20).toFixed(2)} MiB`;
  const sum = (all: readonly number[]): number => all.reduce((total, bytes) => total + bytes, 0);
  const kept = (kind: string): number => sum(leaves.filter((leaf) => leaf.kind === kind).map(({ bytes }) => bytes));
  return [
    ...lines,
    `${dispatches.length} dispatches · ${slots.length} slots, ${size(sum(slots))} · params ${size(kept('param'))} · states ${size(kept('state'))} · inputs ${size(kept('input'))}`,
    `fetches ${fetches.map((fetch) => `${fetch.name} (${show(fetch)})`).join(', ') || 'nothing'}`,
  ].join('\n');
}

const show = ({ place, offset }: { readonly place: Place; readonly offset: number }): string =>
  'slot' in place ? `slot${place.slot}${offset > 0 ? `+${offset}` : ''}` : place.leaf;
