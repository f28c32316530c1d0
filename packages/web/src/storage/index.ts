/** What a browser keeps between visits: runs, models, downloads. For workers; nothing here needs a page. */
export { browserStorage, type BrowserStorage } from './browserStorage.js';
export { download, hubFacts } from './download.js';
export { hubFolder, hubModel, type HubOptions } from './hub.js';
export { models, type Models } from './models.js';
export { opfsKeeper } from './opfsKeeper.js';
export { runs, type NewRun, type OwnRun, type Runs } from './runs.js';
