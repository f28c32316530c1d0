/** What the runtime must know of a .wgsl file, by reflection: bindings, the uniform struct, override defaults. */
import { WgslReflect } from 'wgsl_reflect/wgsl_reflect.module.js';

export function layoutOf(wgsl) {
  // Subgroup matrices are not in its grammar yet. They are variables of functions, so bindings are the same without them.
  const lines = wgsl.split('\n').filter((line) => !/subgroup_?matrix/i.test(line));
  const reflected = new WgslReflect(lines.join('\n'));
  const constants = {};
  for (const { name } of reflected.overrides) constants[name] = overrideDefault(wgsl, name);
  const entries = {};
  for (const entry of reflected.entry.compute) {
    const bindings = [];
    let params;
    for (const resource of entry.resources) {
      if (resource.members)
        params = {
          binding: resource.binding,
          size: Math.ceil(resource.size / 16) * 16,
          members: resource.members.map(({ name, type, offset }) => ({ name, type: type.name, offset })),
        };
      else bindings.push({ binding: resource.binding, tensor: resource.name, access: resource.access });
    }
    bindings.sort((a, b) => a.binding - b.binding);
    entries[entry.name] = { bindings, ...(params && { params }) };
  }
  return { entries, constants };
}

function overrideDefault(wgsl, name) {
  const found = new RegExp(`override\\s+${name}\\b[^=;]*=\\s*([\\d.]+)`).exec(wgsl);
  if (!found) throw new Error(`override ${name} needs a default value, so that the file stands alone`);
  return Number(found[1]);
}
