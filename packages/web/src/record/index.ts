/** A run as data: what it told, and every circuit it found, whether it runs in this tab or lies in a folder. No DOM. */
export { parseEvents, type ToldEvent } from './events.js';
export { runAmong, type PathFile, type RunFiles } from './files.js';
export { circuitsOf } from './methodCircuits.js';
export { openRun, readCircuit } from './openRun.js';
export { filesAt, type RunPlace } from './place.js';
export { momentOf, RunRecord, type Found, type Moment, type RunGraph } from './record.js';
export { tellEvents, type Told } from './tell.js';
export { unzipRun } from './unzip.js';
export { zipRun, type ZipOptions } from './zip.js';
