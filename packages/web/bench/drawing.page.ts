/** The page of drawing.mjs: a graph like GPT-2 small's, searches that drift, and a scrub through them, frame by frame. */
import { changes, compared, LEFT, type CircuitSet } from '../src/draw/circuitData.js';
import { circuitView } from '../src/draw/circuit.js';
import { drawCss } from '../src/draw/style.js';
import { themeCss } from '../src/draw/theme.js';

export interface Asked {
  readonly layers: number;
  readonly heads: number;
  readonly kept: number;
  readonly searches: number;
  readonly seconds: number;
  readonly width: number;
  readonly height: number;
  readonly colourBy: 'sign' | 'change';
}

declare global {
  interface Window {
    scrub(asked: Asked): Promise<{ edges: number; frames: number[]; busy: number[] }>;
  }
}

window.scrub = async ({ layers, heads, kept, searches, seconds, width, height, colourBy }) => {
  const set = synthetic(layers, heads, kept, searches);
  const style = document.createElement('style');
  style.textContent = `${themeCss}${drawCss}body{margin:0;background:var(--paper)}#place{width:${width}px;height:${height}px}`;
  document.head.append(style);
  const place = document.createElement('div');
  place.id = 'place';
  document.body.replaceChildren(place);
  const edgesAt = (i: number) =>
    colourBy === 'change' && i > 0 ? changes(set, i, i - 1) : compared(set, i, undefined, LEFT);
  const view = circuitView(set.nodes, edgesAt(0), { label: 'bench', fit: 'box', colourBy });
  place.append(view.element);
  const frame = () => new Promise<number>(requestAnimationFrame);
  for (let i = 0; i < 30; i++) await frame();

  const frames: number[] = [];
  const busy: number[] = [];
  const end = performance.now() + seconds * 1000;
  let before = await frame();
  for (let i = 1; performance.now() < end; i++) {
    // there and back, as a hand does
    const at = i % (2 * searches - 2);
    const start = performance.now();
    view.setEdges(edgesAt(at < searches ? at : 2 * searches - 2 - at));
    busy.push(performance.now() - start);
    const now = await frame();
    frames.push(now - before);
    before = now;
  }
  return { edges: set.circuits[0]!.inside.length, frames, busy };
};

/** Scores over five decades, of which each search moves every one by about a fifth; the strongest are kept. */
export function synthetic(layers: number, heads: number, kept: number, searches: number): CircuitSet {
  let seed = 1;
  const random = (): number => (seed = (seed * 48271) % 2147483647) / 2147483647;
  const normal = (): number => Math.sqrt(-2 * Math.log(random())) * Math.cos(2 * Math.PI * random());
  const sources = ['input'];
  const reads: string[] = [];
  const from: number[] = [];
  const to: number[] = [];
  const read = (name: string): void => {
    const r = reads.push(name) - 1;
    for (let s = 0; s < sources.length; s++) {
      from.push(s);
      to.push(r);
    }
  };
  for (let layer = 0; layer < layers; layer++) {
    for (let head = 0; head < heads; head++) for (const what of 'qkv') read(`a${layer}.h${head}<${what}>`);
    for (let head = 0; head < heads; head++) sources.push(`a${layer}.h${head}`);
    read(`m${layer}`);
    sources.push(`m${layer}`);
  }
  read('logits');
  const size = Float64Array.from(from, () => 2 * normal());
  const sign = Float64Array.from(from, normal);
  const circuits = Array.from({ length: searches }, (_, i) => {
    const score = Float32Array.from(size, (value, e) => (sign[e]! < 0 ? -1 : 1) * Math.exp(value));
    const inside = Uint32Array.from(score, (_, e) => e)
      .sort((a, b) => Math.abs(score[b]!) - Math.abs(score[a]!))
      .slice(0, kept)
      .sort();
    for (let e = 0; e < size.length; e++) {
      size[e] = size[e]! + 0.2 * normal();
      sign[e] = 0.97 * sign[e]! + 0.24 * normal();
    }
    return { key: `circuit/${i}`, score, inside, of: from.length };
  });
  return {
    nodes: { layers, heads, kvHeads: heads, sources, reads },
    from: Uint32Array.from(from),
    to: Uint32Array.from(to),
    circuits,
  };
}
