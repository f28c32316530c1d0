// ONNX Runtime Web: a matrix product. It has no gradients on WebGPU, so there is no training step to compare.
import * as ort from 'onnxruntime-web/webgpu';
import { randomFrom, uniform } from './data.mjs';

export async function open() {
  // its threads share memory, which Dawn's queue refuses to read
  ort.env.wasm.numThreads = 1;
  return { matmul };
}

async function matmul({ M, N, K }) {
  const session = await ort.InferenceSession.create(productModel({ M, N, K }), {
    executionProviders: ['webgpu'],
    preferredOutputLocation: 'gpu-buffer',
  });
  const random = randomFrom(3);
  const device = await ort.env.webgpu.device;
  const matrix = (rows, columns) => {
    const { STORAGE, COPY_DST, COPY_SRC } = GPUBufferUsage;
    const buffer = device.createBuffer({ size: 4 * rows * columns, usage: STORAGE | COPY_DST | COPY_SRC });
    device.queue.writeBuffer(buffer, 0, uniform(rows * columns, 1, random));
    return ort.Tensor.fromGpuBuffer(buffer, { dataType: 'float32', dims: [rows, columns] });
  };
  const feeds = { a: matrix(M, K), b: matrix(K, N) };
  return async () => {
    const { y } = await session.run(feeds);
    await device.queue.onSubmittedWorkDone();
    y.dispose();
  };
}

/** A model of one node, y = a · b, in the protocol buffers that ONNX files are written in (onnx.proto of ONNX 1.17). */
function productModel({ M, N, K }) {
  const varint = (value) => (value < 128 ? [value] : [(value & 127) | 128, ...varint(value >>> 7)]);
  const number = (field, value) => [...varint(field << 3), ...varint(value)];
  const bytes = (field, content) => [...varint((field << 3) | 2), ...varint(content.length), ...content];
  const text = (field, value) => bytes(field, [...new TextEncoder().encode(value)]);
  const FLOAT = 1;
  const dimension = (size) => bytes(1, number(1, size));
  const type = (rows, columns) =>
    bytes(1, [...number(1, FLOAT), ...bytes(2, [...dimension(rows), ...dimension(columns)])]);
  const value = (name, rows, columns) => [...text(1, name), ...bytes(2, type(rows, columns))];
  const node = [...text(1, 'a'), ...text(1, 'b'), ...text(2, 'y'), ...text(4, 'MatMul')];
  const graph = [
    ...bytes(1, node),
    ...text(2, 'product'),
    ...bytes(11, value('a', M, K)),
    ...bytes(11, value('b', K, N)),
    ...bytes(12, value('y', M, N)),
  ];
  const opset = number(2, 13);
  return Uint8Array.from([...number(1, 8), ...bytes(7, graph), ...bytes(8, opset)]);
}
