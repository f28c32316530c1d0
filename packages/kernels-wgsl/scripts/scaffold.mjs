/** The files of a new kernel, with gaps that fail the generic test. `new.mjs` writes them. */

const indexFile = 'packages/core/src/ops/index.ts';
const kernelFile = (name, ending) => `packages/kernels-wgsl/src/kernels/${name}.${ending}`;

/**
 * @param name an op ('swish'), or a variant of one that exists ('matmulNT.mine')
 * @param read the text of a file of the checkout by its path, undefined where there is none
 * @returns path → text of every file to write
 * @throws Error that says what the name must be
 */
export function scaffold(name, read) {
  const [opName, variant, ...more] = name.split('.');
  if (more.length > 0 || ![opName, variant ?? 'x'].every((word) => /^[a-z][A-Za-z0-9]*$/.test(word)))
    throw new Error(`kernel:new: needs a name like swish, or matmulNT.mine for a variant, got '${name}'`);
  for (const ending of ['wgsl', 'ts'])
    if (read(kernelFile(name, ending)) !== undefined)
      throw new Error(`kernel:new: ${kernelFile(name, ending)} exists already. Choose another name`);
  const index = read(indexFile);
  const isKnown = new RegExp(`[{,] ${opName}[ ,}]`).test(index);
  if (variant !== undefined) {
    if (!isKnown)
      throw new Error(`kernel:new: a variant needs its op, got '${opName}'. Make the op first: kernel:new ${opName}`);
    return variantOf(opName, variant, read);
  }
  if (isKnown) throw new Error(`kernel:new: op '${name}' exists already. A variant of it is ${name}.mine`);
  return {
    [`packages/core/src/ops/${name}.ts`]: opText(name),
    [indexFile]: withLine(index, `export { ${name} } from './${name}.js';`),
    [kernelFile(name, 'wgsl')]: wgslText(name),
    [kernelFile(name, 'ts')]: kernelText(name),
  };
}

/** Two files: the readable kernel's, to start from. */
function variantOf(opName, variant, read) {
  const from = { wgsl: read(kernelFile(opName, 'wgsl')), ts: read(kernelFile(opName, 'ts')) };
  const name = `${opName}.${variant}`;
  const exported = opName + variant[0].toUpperCase() + variant.slice(1);
  return {
    [kernelFile(name, 'wgsl')]: `// TODO what makes this one faster, and where.\n${from.wgsl}`,
    [kernelFile(name, 'ts')]: from.ts
      .replace(`./${opName}.wgsl`, `./${name}.wgsl`)
      .replace(`export const ${opName} =`, `export const ${exported} =`)
      .replace(
        /^ {2}wgsl,$/m,
        '  wgsl,\n  rank: -1, // TODO above the variants it beats, with a `when` for where it does',
      ),
  };
}

/** Keeps the exports in the order of their files. */
function withLine(index, line) {
  const lines = index.trimEnd().split('\n');
  const file = (text) => /'\.\/(.*)\.js'/.exec(text)?.[1].toLowerCase();
  const at = lines.findIndex((other) => file(other) !== undefined && file(other) > file(line));
  lines.splice(at < 0 ? lines.length : at, 0, line);
  return `${lines.join('\n')}\n`;
}

const opText = (name) => `import { defineOp } from '../op.js';

/**
 * TODO y[n] = ..., in the letters of GLOSSARY.md.
 * Source: TODO paper and equation, or a URL.
 */
export const ${name} = defineOp({
  name: '${name}',
  inputs: { x: 'N' },
  outputs: { y: 'N' },
  forward({ x }, { N }) {
    const y = new Float64Array(N);
    for (let n = 0; n < N; n++) y[n] = x[n]!; // TODO
    return { y };
  },
  backward({ dY }, { N }) {
    const dX = new Float64Array(N);
    for (let n = 0; n < N; n++) dX[n] = dY[n]!; // TODO
    return { dX };
  },
});
`;

const wgslText = (name) => `// TODO y = ...; who computes what.
// Op: core/src/ops/${name}.ts
struct Params { N: u32 }
override WG: u32 = 64;

@group(0) @binding(0) var<uniform> p: Params;
@group(0) @binding(1) var<storage, read> x: array<f32>;        // [N]
@group(0) @binding(2) var<storage, read_write> y: array<f32>;  // [N]
@group(0) @binding(3) var<storage, read> dY: array<f32>;       // [N]
@group(0) @binding(4) var<storage, read_write> dX: array<f32>; // [N]

// A grid of one number may be folded into two.
fn index(wg: vec3u, wgs: vec3u, lane: u32) -> u32 { return (wg.x + wg.y * wgs.x) * WG + lane; }

@compute @workgroup_size(WG)
fn forward(
  @builtin(workgroup_id) wg: vec3u,
  @builtin(num_workgroups) wgs: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let n = index(wg, wgs, lane);
  if (n >= p.N) { return; }
  y[n] = 0.0 * x[n]; // TODO
}

@compute @workgroup_size(WG)
fn backward(
  @builtin(workgroup_id) wg: vec3u,
  @builtin(num_workgroups) wgs: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let n = index(wg, wgs, lane);
  if (n >= p.N) { return; }
  dX[n] = 0.0 * dY[n]; // TODO
}
`;

const kernelText = (name) => `import { defineKernel, ${name} as op } from '@circuit-tuning/core';
import wgsl from './${name}.wgsl';

const threads = ({ N }: Record<string, number>, { WG }: Record<string, number>): number[] => [Math.ceil(N! / WG!)];

export const ${name} = defineKernel(op, {
  wgsl,
  grid: { forward: threads, backward: threads },
  cases: [{ dims: { N: 1 } }, { dims: { N: 65 } }, { dims: { N: 4099 } }],
  bytes: ({ N }) => 4 * 2 * N!,
  flops: ({ N }) => N!,
});
`;
