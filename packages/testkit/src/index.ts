export { gpuErrors, gradientError, isDifferentiable, layoutErrors, randomFrom, relativeError } from './kernelCheck.js';
export { testGpu, type TestGpu } from './gpu.js';
export { shared } from './shared.js';
export { fixture, type Fixture } from './fixture.js';
