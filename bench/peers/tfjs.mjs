// TensorFlow.js: a matrix product, and a training step of a GPT-2 by its own Adam.
import { createRequire } from 'node:module';
import { ADAM, randomFrom, start, tokens, uniform } from './data.mjs';

// its modules for bundlers name no file endings, so Node gets the CommonJS ones
const require = createRequire(import.meta.url);
const tf = require('@tensorflow/tfjs');
require('@tensorflow/tfjs-backend-webgpu');

export async function open() {
  if (!(await tf.setBackend('webgpu'))) throw new Error('TensorFlow.js found no WebGPU device');
  await tf.ready();
  return { matmul, step };
}

/** It collects commands until something is read: this sends them off and waits. */
async function finish() {
  const backend = tf.backend();
  if (backend.commandEncoder) {
    backend.endComputePassEncoder();
    backend.submitQueue();
  }
  await backend.device.queue.onSubmittedWorkDone();
}

function matmul({ M, N, K }) {
  const random = randomFrom(3);
  const matrix = (rows, columns) => tf.tensor2d(uniform(rows * columns, 1, random), [rows, columns]);
  const [a, b] = [matrix(M, K), matrix(K, N)];
  return async () => {
    const product = tf.matMul(a, b);
    await finish();
    product.dispose();
  };
}

function step(shape) {
  const { B, T, D, H, L, V } = shape;
  const E = D / H;
  const N = B * T;
  const data = tokens(shape);
  const p = Object.fromEntries(
    start(shape).map(({ name, sizes, values }) => [name, tf.variable(tf.tensor(values, sizes), true, name)]),
  );
  const inputs = tf.tensor1d(data.inputs, 'int32');
  const answers = tf.cast(tf.oneHot(tf.tensor1d(data.targets, 'int32'), V), 'float32');
  // 0 where a position may look, -1e9 above the diagonal
  const hidden = tf.tidy(() => tf.mul(tf.sub(1, tf.linalg.bandPart(tf.ones([T, T]), -1, 0)), -1e9));
  const linear = (x, name) => tf.add(tf.matMul(x, p[`${name}.w`]), p[`${name}.b`]);
  const norm = (x, name) => {
    const { mean, variance } = tf.moments(x, -1, true);
    const normed = tf.mul(tf.sub(x, mean), tf.rsqrt(tf.add(variance, 1e-5)));
    return tf.add(tf.mul(normed, p[`${name}.gain`]), p[`${name}.bias`]);
  };
  const gelu = (x) => {
    const inner = tf.mul(Math.sqrt(2 / Math.PI), tf.add(x, tf.mul(0.044715, tf.mul(x, tf.mul(x, x)))));
    return tf.mul(tf.mul(0.5, x), tf.add(1, tf.tanh(inner)));
  };
  const heads = (x) => tf.transpose(tf.reshape(x, [B, T, H, E]), [0, 2, 1, 3]);

  function lossOf() {
    const places = tf.reshape(tf.tile(p.wpe, [B, 1]), [N, D]);
    let x = tf.add(tf.gather(p.wte, inputs), places);
    for (let l = 0; l < L; l++) {
      const [q, k, v] = tf.split(linear(norm(x, `${l}.ln1`), `${l}.qkv`), 3, 1).map(heads);
      const scores = tf.add(tf.mul(tf.matMul(q, k, false, true), 1 / Math.sqrt(E)), hidden);
      const mixed = tf.transpose(tf.matMul(tf.softmax(scores), v), [0, 2, 1, 3]);
      x = tf.add(x, linear(tf.reshape(mixed, [N, D]), `${l}.out`));
      x = tf.add(x, linear(gelu(linear(norm(x, `${l}.ln2`), `${l}.up`)), `${l}.down`));
    }
    const logits = tf.matMul(norm(x, 'lnf'), p.wte, false, true);
    return tf.mul(tf.sum(tf.mul(tf.logSoftmax(logits), answers)), -1 / N);
  }

  const { lr, beta1, beta2, eps } = ADAM;
  const optimizer = tf.train.adam(lr, beta1, beta2, eps);
  return async () => {
    const loss = optimizer.minimize(lossOf, true);
    const [value] = await loss.data();
    await finish();
    loss.dispose();
    return value;
  };
}
