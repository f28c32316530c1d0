export { caseGraph, randomFrom, type CaseGraph } from './caseGraph.js';
export { gpuErrors, gradientError, isDifferentiable, layoutErrors, relativeError } from './kernelCheck.js';
export { placeName, replay, type Dispatch } from './replay.js';
export { openGpu, type Gpu } from 'circuit-tuning/gpu';
export { testGpu, type TestGpu } from './gpu.js';
export { chromiumArgs, chromiumPath } from './chromium.js';
export { shared } from './shared.js';
export { fixture, type Fixture } from './fixture.js';
export { variant, variants, type Variant } from './variant.js';
