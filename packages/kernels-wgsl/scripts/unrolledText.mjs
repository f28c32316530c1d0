/** What the scripts that write rows of a tile line by line have in common. */

/** Of a subgroup, which is a workgroup. */
export const LANES = 8;

/** One line for each of the numbers 0 to count - 1. */
export const lines = (count, line) => Array.from({ length: count }, (_, i) => line(i)).join('\n');

/** Lanes to shuffle from: `z0` is 0 at run time, which the compiler does not know. */
export const lanes = lines(LANES - 1, (i) => `  let z${i + 1} = z0 + ${i + 1};`);

export const accumulate = `/// sum + x · w over four k, one after the other.
fn accumulate(sum: vec4f, x: vec4f, w: mat4x4f) -> vec4f {
  return fma(vec4f(x.w), w[3], fma(vec4f(x.z), w[2], fma(vec4f(x.y), w[1], fma(vec4f(x.x), w[0], sum))));
}`;

export const params = (sizes) => `struct Params { ${[...sizes].map((letter) => `${letter}: u32`).join(', ')} }

@group(0) @binding(0) var<uniform> p: Params;`;

export const entry = (name, body) => `@compute @workgroup_size(${LANES})
fn ${name}(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
${body}
}
`;

/** Of tiles of another height than 32: what differs from those. */
export const otherHead = ({ formula, aim, op = 'matmul', ideas, sizes = 'MNK', tensors }) => `// ${formula}. ${aim}
// Written by scripts/unrolled.mjs. Op: core/src/ops/${op}.ts.
//
// As in the \`unrolled\` variant a workgroup is one subgroup of 8 lanes, each row of its tile is a line, and numbers of the
// left factor go from lane to lane by a shuffle. But:
${ideas.map((idea) => `// ${idea.startsWith(' ') ? idea : `- ${idea}`}`).join('\n')}
// At the edges lanes load the last rows or columns again and store them again, the same bits in the same places.
enable subgroups;

${params(sizes)}
${tensors}

${accumulate}`;
