/** What a browser keeps between visits: runs, models, downloads. For workers; nothing here needs a page. */
export { browserStorage, type BrowserStorage } from './browserStorage.js';
export { download, hubFacts, type DownloadOptions } from './download.js';
export { hubFolder, hubModel, type HubFile, type HubModel, type HubOptions } from './hub.js';
export { models, type AddOptions, type Models } from './models.js';
export { opfsKeeper } from './opfsKeeper.js';
export { runs, type NewRun, type OwnRun, type Runs } from './runs.js';
