/** The uniform structs of all dispatches, packed into one buffer. */
import { LayoutError } from '../errors.js';
import type { Kernel } from '../kernel.js';
import type { Size } from '../op.js';

interface Parametrised {
  kernel: Kernel;
  entry: string;
  dims: Size;
}

export function packParams(
  dispatches: readonly Parametrised[],
  alignment: number,
): { buffer: ArrayBuffer; offsets: number[] } {
  const offsets: number[] = [];
  let end = 0;
  for (const { kernel, entry } of dispatches) {
    offsets.push(end);
    const size = kernel.layout.entries[entry]!.params?.size ?? 0;
    end += Math.ceil(size / alignment) * alignment;
  }
  const buffer = new ArrayBuffer(Math.max(16, end));
  const view = new DataView(buffer);
  dispatches.forEach(({ kernel, entry, dims }, i) => {
    for (const { name, type, offset } of kernel.layout.entries[entry]!.params?.members ?? []) {
      const value = dims[name];
      if (value === undefined)
        throw new LayoutError({
          where: `${kernel.name}.${entry}`,
          rule: `a member of the uniform struct must be a dimension or attribute of ${kernel.op.name}`,
          got: `'${name}'`,
          cure: `Rename it to one of ${Object.keys(dims).join(', ')}`,
        });
      if (type === 'f32') view.setFloat32(offsets[i]! + offset, value, true);
      else view.setUint32(offsets[i]! + offset, value, true);
    }
  });
  return { buffer, offsets };
}
