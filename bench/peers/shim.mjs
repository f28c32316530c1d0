// What browsers have and Node lacks, for libraries that were written for browsers: a `navigator` with a `gpu`.

/** @param gpu the WebGPU instance that all of them ask for an adapter */
export function provideNavigator(gpu) {
  if (!globalThis.navigator) Object.defineProperty(globalThis, 'navigator', { value: {}, configurable: true });
  for (const [name, value] of Object.entries({ gpu, userAgent: 'Chrome', platform: 'Linux', hardwareConcurrency: 2 }))
    if (name === 'gpu' || globalThis.navigator[name] === undefined)
      Object.defineProperty(globalThis.navigator, name, { value, configurable: true });
}

/** Dawn in Node refuses to read memory that threads share, which is where WebAssembly of several threads has its data. */
export function acceptSharedMemory() {
  const { writeBuffer } = GPUQueue.prototype;
  GPUQueue.prototype.writeBuffer = function (buffer, offset, data, ...range) {
    const bytes = data.buffer ?? data;
    const isShared = globalThis.SharedArrayBuffer && bytes instanceof SharedArrayBuffer;
    return writeBuffer.call(this, buffer, offset, isShared ? data.slice() : data, ...range);
  };
}
