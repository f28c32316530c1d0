/** A graph as text, a line for each call: for snapshots, and for people who want to see what a function appended. */
import type { Graph } from './graph.js';
import type { Value } from './value.js';

/** `12  matmulNT  blocks.0.attn.q: a=ln1.y [64, 32], b=blocks.0.attn.W_Q [32, 32] → y [64, 32]` */
export function printGraph(graph: Graph): string {
  return graph.calls
    .map(({ op, pass, ins, outs, label }, i) => {
      const inputs = Object.entries(ins).map(([name, value]) => `${name}=${show(value)}`);
      const outputs = Object.entries(outs).map(([name, { shape }]) => `${name} [${shape.join(', ')}]`);
      const what = pass === 'forward' ? op.name : `${op.name}.${pass}`;
      return `${String(i).padStart(4)}  ${what}  ${label}: ${inputs.join(', ')} → ${outputs.join(', ')}`;
    })
    .join('\n');
}

const show = ({ kind, name, shape, dtype }: Value): string =>
  `${kind === 'temp' ? '' : `${kind}:`}${name} ${dtype === 'f32' ? '' : `${dtype} `}[${shape.join(', ')}]`;
