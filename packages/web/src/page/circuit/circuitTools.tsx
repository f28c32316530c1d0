/** What the reader can do to the picture: fewer edges, another colour, one node. */
import { useComputed, useSignal } from '@preact/signals';
import { nodeOfRead } from '../../draw/circuitData.js';
import { formatNumber } from '../../draw/table.js';
import { views } from './circuitPicture.js';
import { colourBy, graph, grouping, moment, moments, pinned, pointed, topEdges } from '../state.js';
import './circuitTools.css';

export function CircuitTools() {
  return (
    <div class="circuit-tools" role="group" aria-label="What the picture shows">
      <Strongest />
      <ColourBy />
      <GroupByLayer />
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
  const now = moment.value?.inside.length ?? 0;
  const text = top < now ? `${formatNumber(top)} of ${formatNumber(now)}` : `all ${formatNumber(now)}`;
  const move = (share: number): void => {
    const next = Math.round(LEAST * (most / LEAST) ** share);
    topEdges.value = next >= most ? undefined : next;
  };
  return (
    <label title="How many of the strongest edges are drawn. Weaker ones are left out of the picture; they still belong to the circuit.">
      Strongest
      <input
        type="range"
        min="0"
        max="1"
        step="0.01"
        value={Math.log(top / LEAST) / Math.log(most / LEAST)}
        aria-label="Strongest edges drawn"
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

function GroupByLayer() {
  return (
    <label title="All heads of a layer as one node, and all blocks of an MLP as one; edges between the same two are added">
      <input
        type="checkbox"
        checked={grouping.value === 'layers'}
        onChange={(event) => (grouping.value = event.currentTarget.checked ? 'layers' : 'none')}
      />
      Group by layer
    </label>
  );
}

function FindNode() {
  const typed = useSignal('');
  const found = useSignal<readonly string[]>([]);
  const names = useComputed(() => {
    const { sources = [], reads = [] } = graph.value?.nodes ?? {};
    return [...new Set([...sources, ...reads.map(nodeOfRead)])];
  }).value;
  const find = (text: string): void => {
    typed.value = text.trim().toLowerCase();
    for (const view of views) found.value = view.find(typed.value);
    if (names.includes(typed.value)) pin(typed.value);
  };
  return (
    <label title="a2.h1 is head 1 of layer 2, m2.b3 block 3 of the neurons of layer 2. Enter pins the first that fits.">
      Find a node
      <input
        type="search"
        list="node-names"
        size={8}
        placeholder="a2.h1"
        autocomplete="off"
        spellcheck={false}
        onInput={(event) => find(event.currentTarget.value)}
        onKeyDown={({ key }) => {
          if (key === 'Enter' && found.value[0] !== undefined) pin(found.value[0]);
        }}
      />
      <datalist id="node-names">
        {names.map((name) => (
          <option key={name} value={name} />
        ))}
      </datalist>
      <output class="number found">{typed.value !== '' && foundText(found.value.length)}</output>
    </label>
  );
}

function pin(node: string): void {
  pointed.value = undefined;
  pinned.value = { node };
}

const foundText = (count: number): string => (count === 0 ? 'none' : `${count} found`);
