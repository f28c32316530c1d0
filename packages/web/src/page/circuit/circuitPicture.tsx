/** The drawing of one circuit, kept in step with signals: it is made once, and told what is new. */
import { effect, type ReadonlySignal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import { circuitView, type CircuitView } from '../../draw/circuit.js';
import type { CircuitNodes } from '../../draw/circuitData.js';
import type { Picture } from './pictures.js';
import { colourBy, grouping, pinned, pointed, selection, switchedOff, topEdges } from '../state.js';

/** The drawings on the page, for what acts on all of them: zoom, search. */
export const views = new Set<CircuitView>();

export function CircuitPicture({ nodes, picture }: { nodes: CircuitNodes; picture: ReadonlySignal<Picture> }) {
  const place = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const look = () => ({
      label: picture.value.title,
      greatest: picture.value.greatest || undefined,
      top: topEdges.value,
      colourBy: colourBy.value,
      group: grouping.value,
      off: switchedOff.value,
    });
    const view = circuitView(nodes, picture.peek().edges, {
      ...look(),
      fit: 'box',
      onPoint: (next) => (pointed.value = next),
      onPick: (next) => {
        pinned.value = next;
        // whoever lets go has moved on, though the arrow keys still stand there
        if (!next) pointed.value = undefined;
      },
    });
    views.add(view);
    place.current!.replaceChildren(view.element);
    const unbind = [
      effect(() => view.setEdges(picture.value.edges)),
      effect(() => view.setOptions(look())),
      effect(() => view.mark(selection.value)),
    ];
    return () => {
      for (const end of unbind) end();
      views.delete(view);
      view.destroy();
    };
  }, [nodes, picture]);
  return <div class="picture" ref={place} onFocusOut={() => (pointed.value = undefined)} />;
}
