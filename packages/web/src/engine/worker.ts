/** Entry of the worker. */
import { serveEngine } from './serveEngine.js';

serveEngine(globalThis as unknown as Worker);
