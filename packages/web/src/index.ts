/** Circuits in a browser: device and file access, and the experiment that the CLI runs too. */
export { BrowserGpuError, openBrowserGpu, type BrowserGpu, type BrowserGpuOptions } from './gpu.js';
export { blobSource, FileError, pickedFolder, urlFolder, urlSource, type UrlOptions } from './files.js';
export { openBrowserModel, type BrowserModel, type BrowserModelOptions } from './browserModel.js';
export {
  openExperiment,
  runInPage,
  urlFiles,
  webSha256,
  type ExperimentUrlOptions,
  type RunInPageOptions,
} from './run.js';
export { LabError, openLab, type Lab, type LabEvent, type LabOptions } from './lab.js';
export type * from './engine/protocol.js';
