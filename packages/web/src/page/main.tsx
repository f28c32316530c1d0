/** Entry of the page. */
import { render } from 'preact';
import { drawCss } from '../draw/style.js';
import { themeCss } from '../draw/theme.js';
import { App } from './app.js';
import { keepOffline } from './offline/keepOffline.js';
import { openAddress, runAddress } from './files/openAddress.js';
import { prepare } from './session.js';
import { listenForKeys } from './shell/shortcuts.js';
import { watchStillness } from './time/stillness.js';
import { keepTabTitle } from './shell/tabTitle.js';
import { restoreTheme } from './shell/themeChoice.js';
import './page.css';

const style = document.createElement('style');
style.textContent = themeCss + drawCss;
document.head.prepend(style);
restoreTheme();
watchStillness();
listenForKeys();
keepTabTitle();
render(<App />, document.getElementById('lab')!);
keepOffline();
const address = runAddress(location.href);
const isShown = address !== undefined && (await openAddress(address));
if (!isShown) await prepare();
