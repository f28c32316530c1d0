/** What lies under a pointer. */
import type { CircuitLayout } from './layout.js';

/** The node at a place, with `slack` pixels around it. */
export function nodeUnder({ nodes }: CircuitLayout, x: number, y: number, slack = 3): number | undefined {
  const at = nodes.findIndex(
    (node) => Math.abs(node.x - x) <= node.rx + slack && Math.abs(node.y - y) <= node.ry + slack,
  );
  return at === -1 ? undefined : at;
}

const SAMPLES = 20;

/** The nearest edge within `reach` pixels; of two equally near, the one drawn on top. */
export function edgeUnder(
  curves: Float32Array,
  order: ArrayLike<number>,
  x: number,
  y: number,
  reach = 6,
): number | undefined {
  let best: number | undefined;
  let nearest = reach * reach;
  for (let n = order.length - 1; n >= 0; n--) {
    const i = order[n]!;
    const o = i * 8;
    const [x0, y0, x1, y1, x2, y2, x3, y3] = [
      curves[o]!,
      curves[o + 1]!,
      curves[o + 2]!,
      curves[o + 3]!,
      curves[o + 4]!,
      curves[o + 5]!,
      curves[o + 6]!,
      curves[o + 7]!,
    ];
    // a Bézier curve stays within the box of its control points
    if (y > y0 + reach || y < y3 - reach) continue;
    if (x < Math.min(x0, x1, x2, x3) - reach || x > Math.max(x0, x1, x2, x3) + reach) continue;
    let px = x0;
    let py = y0;
    for (let k = 1; k <= SAMPLES; k++) {
      const t = k / SAMPLES;
      const u = 1 - t;
      const a = u * u * u,
        b = 3 * u * u * t,
        c = 3 * u * t * t,
        d = t * t * t;
      const qx = a * x0 + b * x1 + c * x2 + d * x3;
      const qy = a * y0 + b * y1 + c * y2 + d * y3;
      const distance = toSegment(x, y, px, py, qx, qy);
      if (distance < nearest) {
        nearest = distance;
        best = i;
      }
      px = qx;
      py = qy;
    }
  }
  return best;
}

/** Squared distance from a point to a segment. */
function toSegment(x: number, y: number, ax: number, ay: number, bx: number, by: number): number {
  const dx = bx - ax;
  const dy = by - ay;
  const along = dx * dx + dy * dy;
  const t = along > 0 ? Math.max(0, Math.min(1, ((x - ax) * dx + (y - ay) * dy) / along)) : 0;
  return (x - ax - t * dx) ** 2 + (y - ay - t * dy) ** 2;
}
