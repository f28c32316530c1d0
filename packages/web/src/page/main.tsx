/** Entry of the page. */
import { render } from 'preact';
import { drawCss } from '../draw/style.js';
import { themeCss } from '../draw/theme.js';
import { App } from './app.js';
import './page.css';

const style = document.createElement('style');
style.textContent = themeCss + drawCss;
document.head.prepend(style);
render(<App />, document.getElementById('lab')!);
