/** What a device can bind: asked of parameters before the first byte is uploaded, and of every tensor of a plan. */
import { LimitError } from '../errors.js';

export interface Bound {
  readonly name: string;
  readonly shape: readonly number[];
  readonly isParameter: boolean;
  readonly bytes: number;
}

/** @throws LimitError where a tensor is above what one binding of the adapter holds. */
export function requireBindable(
  { name, shape, isParameter, bytes }: Bound,
  limits: Pick<GPUSupportedLimits, 'maxStorageBufferBindingSize' | 'maxBufferSize'>,
): void {
  const most = Math.min(limits.maxStorageBufferBindingSize, limits.maxBufferSize);
  if (bytes <= most) return;
  throw new LimitError({
    where: name,
    rule: `a tensor must fit one binding of this adapter (${sizeOf(most)})`,
    got: `[${shape.join(', ')}], ${sizeOf(bytes)}`,
    cure: isParameter
      ? 'This model is too big for the adapter: take a smaller one, or an adapter with larger limits (circuit-tuning doctor lists them)'
      : 'Lower the batch size or the length of the examples',
  });
}

const sizeOf = (bytes: number): string =>
  bytes < 2 ** 20 ? `${(bytes / 2 ** 10).toFixed(1)} KiB` : `${(bytes / 2 ** 20).toFixed(1)} MiB`;
