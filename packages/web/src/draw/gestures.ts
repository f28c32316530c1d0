/**
 * Zoom and pan by wheel, drag and fingers. The page keeps its own scrolling: the wheel is taken only with Ctrl (which is
 * also what a pinch on a trackpad sends), once the picture has the focus, or while zoomed in; one finger only while zoomed
 * in, two always.
 */
import type { Placing } from './density.js';
import type { Point } from './layout.js';

export interface Gestured {
  now(): Placing;
  /** Larger by a factor, around a place of the stage. */
  zoom(factor: number, at: Point): void;
  pan(dx: number, dy: number): void;
}

/** A click that moved by more pixels than this was a drag. */
const STILL = 4;

/** Returns what ends it, and whether the last press was a drag. */
export function gestures(
  stage: HTMLElement,
  { now, zoom, pan }: Gestured,
): { wasDrag: () => boolean; end: () => void } {
  const fingers = new Map<number, Point>();
  let moved = 0;
  const place = ({ clientX, clientY }: { clientX: number; clientY: number }): Point => {
    const { left, top } = stage.getBoundingClientRect();
    return { x: clientX - left, y: clientY - top };
  };
  const isZoomed = (): boolean => now().scale > 1;

  const wheel = (event: WheelEvent): void => {
    const isOut = event.deltaY > 0;
    if (!event.ctrlKey && !event.metaKey && !isZoomed() && document.activeElement !== stage) return;
    // at the whole picture the way out is the page's
    if (isOut && !isZoomed() && !event.ctrlKey) return;
    event.preventDefault();
    const lines = event.deltaMode === WheelEvent.DOM_DELTA_LINE ? 16 : 1;
    zoom(Math.exp(-Math.max(-60, Math.min(60, event.deltaY * lines)) * (event.ctrlKey ? 0.01 : 0.004)), place(event));
  };
  const down = (event: PointerEvent): void => {
    if (fingers.size === 0) moved = 0;
    fingers.set(event.pointerId, place(event));
  };
  const move = (event: PointerEvent): void => {
    const before = fingers.get(event.pointerId);
    if (!before) return;
    const after = place(event);
    fingers.set(event.pointerId, after);
    moved += Math.hypot(after.x - before.x, after.y - before.y);
    const other = [...fingers].find(([id]) => id !== event.pointerId)?.[1];
    if (other) {
      const apart = (one: Point): number => Math.max(20, Math.hypot(one.x - other.x, one.y - other.y));
      pan((after.x - before.x) / 2, (after.y - before.y) / 2);
      zoom(apart(after) / apart(before), { x: (after.x + other.x) / 2, y: (after.y + other.y) / 2 });
    } else if (isZoomed() && moved > STILL) {
      if (!stage.hasPointerCapture(event.pointerId)) stage.setPointerCapture(event.pointerId);
      pan(after.x - before.x, after.y - before.y);
    }
  };
  const up = (event: PointerEvent): void => void fingers.delete(event.pointerId);
  // the browser decides by the first touch whether it scrolls: two fingers are never its own
  const touch = (event: TouchEvent): void => {
    if (event.touches.length > 1 || isZoomed()) event.preventDefault();
  };

  stage.addEventListener('wheel', wheel, { passive: false });
  stage.addEventListener('touchmove', touch, { passive: false });
  stage.addEventListener('pointerdown', down);
  stage.addEventListener('pointermove', move);
  for (const end of ['pointerup', 'pointercancel', 'lostpointercapture'] as const) stage.addEventListener(end, up);
  return {
    wasDrag: () => moved > STILL,
    end() {
      stage.removeEventListener('wheel', wheel);
      stage.removeEventListener('touchmove', touch);
    },
  };
}
