/** The uniform structs of all dispatches, packed into one buffer: those that are the same once, as the layers' of a model are. */
import { LayoutError } from '../errors.js';
import type { Kernel } from '../kernel.js';
import type { Size } from '../op.js';

interface Parametrised {
  kernel: Kernel;
  entry: string;
  dims: Size;
}

/** @returns where the struct of each dispatch begins; 0 of one that has none. */
export function packParams(
  dispatches: readonly Parametrised[],
  alignment: number,
): { buffer: ArrayBuffer; offsets: number[] } {
  const packed = new Map<string, { readonly struct: Uint32Array; readonly offset: number }>();
  let end = 0;
  const offsets = dispatches.map((dispatch) => {
    const struct = structOf(dispatch);
    const key = struct.join();
    const known = packed.get(key);
    if (known) return known.offset;
    const offset = end;
    packed.set(key, { struct, offset });
    end += Math.ceil(struct.byteLength / alignment) * alignment;
    return offset;
  });
  const buffer = new ArrayBuffer(Math.max(16, end));
  for (const { struct, offset } of packed.values()) new Uint32Array(buffer, offset, struct.length).set(struct);
  return { buffer, offsets };
}

function structOf({ kernel, entry, dims }: Parametrised): Uint32Array {
  const { size = 0, members = [] } = kernel.layout.entries[entry]!.params ?? {};
  const struct = new Uint32Array(size / 4);
  const floats = new Float32Array(struct.buffer);
  for (const { name, type, offset } of members) {
    const value = dims[name];
    if (value === undefined)
      throw new LayoutError({
        where: `${kernel.name}.${entry}`,
        rule: `a member of the uniform struct must be a dimension or attribute of ${kernel.op.name}`,
        got: `'${name}'`,
        cure: `Rename it to one of ${Object.keys(dims).join(', ')}`,
      });
    (type === 'f32' ? floats : struct)[offset / 4] = value;
  }
  return struct;
}
