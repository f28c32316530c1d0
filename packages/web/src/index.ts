/** Device and file access of circuit-tuning in a browser. */
export { BrowserGpuError, openBrowserGpu, type BrowserGpu, type BrowserGpuOptions } from './gpu.js';
export { blobSource, FileError, pickedFolder, urlFolder, urlSource, type UrlOptions } from './files.js';
