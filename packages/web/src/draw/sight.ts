/** Which part of the picture is seen, and how large: places of the layout to places of the stage, and back. */
import type { Placing } from './density.js';
import type { Point } from './layout.js';

/** The whole circuit. */
export const WHOLE: Placing = { scale: 1, x: 0, y: 0 };
export const LARGEST = 24;

interface Size {
  readonly width: number;
  readonly height: number;
}

/** No smaller than the whole, and nothing beside the picture in sight. */
export function bounded({ scale, x, y }: Placing, { width, height }: Size): Placing {
  const size = Math.min(LARGEST, Math.max(1, scale));
  return {
    scale: size,
    x: Math.min(0, Math.max(width - width * size, x)),
    y: Math.min(0, Math.max(height - height * size, y)),
  };
}

/** Larger or smaller around a place of the stage, which keeps what it shows. */
export function zoomed(now: Placing, factor: number, at: Point, size: Size): Placing {
  const scale = Math.min(LARGEST, Math.max(1, now.scale * factor));
  const by = scale / now.scale;
  return bounded({ scale, x: at.x - (at.x - now.x) * by, y: at.y - (at.y - now.y) * by }, size);
}

export const onStage = ({ scale, x, y }: Placing, p: Point): Point => ({ x: p.x * scale + x, y: p.y * scale + y });
export const inLayout = ({ scale, x, y }: Placing, p: Point): Point => ({ x: (p.x - x) / scale, y: (p.y - y) / scale });

/** Moved as little as brings a place of the layout into sight, with some room around it. */
export function withInSight(now: Placing, p: Point, size: Size, room = 48): Placing {
  const at = onStage(now, p);
  const by = (value: number, length: number): number => {
    const margin = Math.min(room, length / 3);
    return Math.max(0, margin - value) - Math.max(0, value - (length - margin));
  };
  return bounded({ ...now, x: now.x + by(at.x, size.width), y: now.y + by(at.y, size.height) }, size);
}
