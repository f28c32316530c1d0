// The numbers that every peer starts from: made once, so that all train the same model on the same tokens.

/** Uniform in [-1, 1), by a 32-bit generator (Numerical Recipes' constants). */
export function randomFrom(seed) {
  let state = seed >>> 0;
  return () => (state = (Math.imul(state, 1664525) + 1013904223) >>> 0) / 2 ** 31 - 1;
}

export function uniform(size, scale, random) {
  return Float32Array.from({ length: size }, () => scale * random());
}

/**
 * A GPT-2: [name, shape, how it starts]. Matrices are [in, out]; `qkv` is the three projections side by side, as in the
 * published checkpoints.
 */
export function parameters({ L, D, F, V, T }) {
  const list = [
    ['wte', [V, D], 'random'],
    ['wpe', [T, D], 'random'],
    ['lnf.gain', [D], 'ones'],
    ['lnf.bias', [D], 'zeros'],
  ];
  for (let l = 0; l < L; l++)
    list.push(
      [`${l}.ln1.gain`, [D], 'ones'],
      [`${l}.ln1.bias`, [D], 'zeros'],
      [`${l}.qkv.w`, [D, 3 * D], 'random'],
      [`${l}.qkv.b`, [3 * D], 'zeros'],
      [`${l}.out.w`, [D, D], 'random'],
      [`${l}.out.b`, [D], 'zeros'],
      [`${l}.ln2.gain`, [D], 'ones'],
      [`${l}.ln2.bias`, [D], 'zeros'],
      [`${l}.up.w`, [D, F], 'random'],
      [`${l}.up.b`, [F], 'zeros'],
      [`${l}.down.w`, [F, D], 'random'],
      [`${l}.down.b`, [D], 'zeros'],
    );
  return list;
}

/** name → shape and numbers. */
export function start(shape) {
  const random = randomFrom(1);
  return parameters(shape).map(([name, sizes, kind]) => {
    const size = sizes.reduce((product, length) => product * length, 1);
    if (kind === 'random') return { name, sizes, values: uniform(size, 0.03, random) };
    return { name, sizes, values: new Float32Array(size).fill(kind === 'ones' ? 1 : 0) };
  });
}

/** B·T tokens, and for each the next one. */
export function tokens({ B, T, V }) {
  const random = randomFrom(2);
  const draw = () => Math.min(V - 1, Math.floor(((random() + 1) / 2) * V));
  const rows = Array.from({ length: B }, () => Array.from({ length: T + 1 }, draw));
  return {
    inputs: Int32Array.from(rows.flatMap((row) => row.slice(0, T))),
    targets: Int32Array.from(rows.flatMap((row) => row.slice(1))),
  };
}

export const ADAM = { lr: 1e-3, beta1: 0.9, beta2: 0.999, eps: 1e-8 };
