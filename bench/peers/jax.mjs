// jax-js: a matrix product, and a training step of a GPT-2, each compiled by its `jit`.
import { blockUntilReady, defaultDevice, init, jit, nn, numpy as np, tree, valueAndGrad } from '@jax-js/jax';
import { ADAM, randomFrom, start, tokens, uniform } from './data.mjs';

export async function open() {
  const devices = await init('webgpu');
  if (!devices.includes('webgpu')) throw new Error('jax-js found no WebGPU device');
  defaultDevice('webgpu');
  return { matmul, step };
}

/** `.ref` keeps an array that an operation would otherwise use up. */
function matmul({ M, N, K }) {
  const random = randomFrom(3);
  const matrix = (rows, columns) => np.array(uniform(rows * columns, 1, random)).reshape([rows, columns]);
  const [a, b] = [matrix(M, K), matrix(K, N)];
  const multiply = jit((x, y) => np.matmul(x, y));
  return async () => {
    const product = await blockUntilReady(multiply(a.ref, b.ref));
    product.dispose();
  };
}

function step(shape) {
  const { B, T, D, H, L, V } = shape;
  const E = D / H;
  const { inputs, targets } = tokens(shape);
  const oneHot = (ids) => nn.oneHot(np.array(ids), V);
  const [reads, answers] = [oneHot(inputs), oneHot(targets)];
  const norm = (x, gain, bias) => nn.standardize(x, -1, { epsilon: 1e-5 }).mul(gain).add(bias);

  // 0 where a position may look, -1e9 above the diagonal
  const hidden = np
    .tril(np.ones([T, T]))
    .sub(1)
    .mul(1e9);

  function lossOf(params, tokensIn, tokensOut) {
    const p = (name) => params[name];
    let x = np.matmul(tokensIn, p('wte').ref).reshape([B, T, D]).add(p('wpe'));
    for (let l = 0; l < L; l++) {
      const normed = norm(x.ref, p(`${l}.ln1.gain`), p(`${l}.ln1.bias`)).reshape([B * T, D]);
      const qkv = np.matmul(normed, p(`${l}.qkv.w`)).add(p(`${l}.qkv.b`));
      const [q, k, v] = np.split(qkv, 3, -1).map((part) => np.transpose(part.reshape([B, T, H, E]), [0, 2, 1, 3]));
      // its own dotProductAttention needs the iterator helpers of Node 22
      const scores = np
        .matmul(q, np.transpose(k, [0, 1, 3, 2]))
        .mul(1 / Math.sqrt(E))
        .add(hidden.ref);
      const mixed = np.transpose(np.matmul(nn.softmax(scores, -1), v), [0, 2, 1, 3]).reshape([B * T, D]);
      x = x.add(
        np
          .matmul(mixed, p(`${l}.out.w`))
          .add(p(`${l}.out.b`))
          .reshape([B, T, D]),
      );
      const again = norm(x.ref, p(`${l}.ln2.gain`), p(`${l}.ln2.bias`)).reshape([B * T, D]);
      const neurons = nn.gelu(np.matmul(again, p(`${l}.up.w`)).add(p(`${l}.up.b`)));
      x = x.add(
        np
          .matmul(neurons, p(`${l}.down.w`))
          .add(p(`${l}.down.b`))
          .reshape([B, T, D]),
      );
    }
    x = norm(x, p('lnf.gain'), p('lnf.bias')).reshape([B * T, D]);
    const logits = np.matmul(x, np.transpose(p('wte')));
    return nn
      .logSoftmax(logits, -1)
      .mul(tokensOut)
      .sum()
      .mul(-1 / (B * T));
  }

  const differentiated = valueAndGrad(lossOf);
  const { lr, beta1, beta2, eps } = ADAM;
  const adam = jit((params, first, second, scales, tokensIn, tokensOut) => {
    const [loss, grads] = differentiated(
      tree.map((x) => x.ref, params),
      tokensIn,
      tokensOut,
    );
    const m = tree.map(
      (old, g) => old.mul(beta1).add(g.mul(1 - beta1)),
      first,
      tree.map((g) => g.ref, grads),
    );
    const v = tree.map((old, g) => old.mul(beta2).add(np.square(g).mul(1 - beta2)), second, grads);
    const [mScale, vScale] = np.split(scales, 2).map((part) => part.reshape([]));
    const next = tree.map(
      (x, mean, square) => {
        const size = np.sqrt(square.mul(vScale.ref)).add(eps);
        return x.sub(mean.mul(mScale.ref).div(size).mul(lr));
      },
      params,
      tree.map((x) => x.ref, m),
      tree.map((x) => x.ref, v),
    );
    mScale.dispose();
    vScale.dispose();
    return [loss, next, m, v];
  });

  const named = start(shape).map(({ name, sizes, values }) => [name, np.array(values).reshape(sizes)]);
  let params = Object.fromEntries(named);
  let m = tree.map((x) => np.zerosLike(x.ref), params);
  let v = tree.map((x) => np.zerosLike(x.ref), params);
  let done = 0;
  return async () => {
    done++;
    const scales = np.array(Float32Array.of(1 / (1 - beta1 ** done), 1 / (1 - beta2 ** done)));
    let loss;
    [loss, params, m, v] = adam(params, m, v, scales, reads.ref, answers.ref);
    const [value] = await loss.data();
    await blockUntilReady(params.wte);
    return value;
  };
}
