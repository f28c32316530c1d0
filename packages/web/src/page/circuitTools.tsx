/** What the reader can do to the picture: fewer edges, another colour, one node. */
import { useComputed, useSignal } from '@preact/signals';
import { formatNumber } from '../draw/table.js';
import { colourBy, graph, moments, pinned, topEdges } from './state.js';
import './circuitTools.css';

export function CircuitTools() {
  return (
    <div class="circuit-tools" role="group" aria-label="What the picture shows">
      <Strongest />
      <ColourBy />
      <FindNode />
    </div>
  );
}

const LEAST = 5;

/** Each step of the slider multiplies: ten edges and thousands are both within reach. */
function Strongest() {
  const most = useComputed(() => Math.max(0, ...moments.value.map(({ inside }) => inside.length))).value;
  if (most <= LEAST) return null;
  const top = Math.min(most, topEdges.value ?? most);
  const text = top < most ? `${formatNumber(top)} of ${formatNumber(most)}` : `all ${formatNumber(most)}`;
  const move = (share: number): void => {
    const next = Math.round(LEAST * (most / LEAST) ** share);
    topEdges.value = next >= most ? undefined : next;
  };
  return (
    <label title="Weaker edges are left out of the picture. They still belong to the circuit.">
      Strongest edges
      <input
        type="range"
        min="0"
        max="1"
        step="0.01"
        value={Math.log(top / LEAST) / Math.log(most / LEAST)}
        aria-valuetext={text}
        onInput={(event) => move(event.currentTarget.valueAsNumber)}
      />
      <output class="number">{text}</output>
    </label>
  );
}

function ColourBy() {
  return (
    <label title="Sign: does the edge raise or lower the metric. Change: which edges entered and left since the search before, or since A.">
      Colour
      <select
        value={colourBy.value}
        onChange={(event) => (colourBy.value = event.currentTarget.value === 'change' ? 'change' : 'sign')}
      >
        <option value="sign">by sign</option>
        <option value="change">by change</option>
      </select>
    </label>
  );
}

function FindNode() {
  const isUnknown = useSignal(false);
  const names = useComputed(() => {
    const { sources = [], reads = [] } = graph.value?.nodes ?? {};
    return [...new Set([...sources, ...reads.map((read) => read.replace(/<.*>$/, ''))])];
  }).value;
  const find = (typed: string): void => {
    const name = typed.trim().toLowerCase();
    const isNode = names.includes(name);
    isUnknown.value = name !== '' && !isNode && !names.some((it) => it.startsWith(name));
    if (isNode) pinned.value = { node: name };
    else if (name === '') pinned.value = undefined;
  };
  return (
    <label title="a2.h1 is head 1 of layer 2, m2.b3 the fourth block of neurons of layer 2">
      Find a node
      <input
        type="search"
        list="node-names"
        size={9}
        placeholder="a2.h1"
        autocomplete="off"
        spellcheck={false}
        aria-invalid={isUnknown.value}
        onInput={(event) => find(event.currentTarget.value)}
      />
      <datalist id="node-names">
        {names.map((name) => (
          <option key={name} value={name} />
        ))}
      </datalist>
      {isUnknown.value && <span class="hint">no such node</span>}
    </label>
  );
}
