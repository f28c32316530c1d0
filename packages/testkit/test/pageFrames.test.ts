import { expect, it } from 'vitest';
import { withoutPageFrames } from '../src/index.js';

it('an error of a page keeps its words and the line of the test, and loses the addresses that are no files here', () => {
  const stack = [
    'Error: page.evaluate: TypeError: graph is undefined',
    '    at draw (http://127.0.0.1:8747/page.js:1:200)',
    '    at http://127.0.0.1:8747/:3:5',
    '    at eval (eval at evaluate (:302:30), <anonymous>:1:7)',
    '    at UtilityScript.evaluate (<anonymous>:304:18)',
    '    at data:text/html,<script>f()</script>:1:28',
    '    at file:///checkout/packages/web/test/lab/play.browser.test.ts:9:16',
    '    at Timeout._onTimeout (/checkout/packages/web/test/lab/labPage.ts:90:3)',
  ];
  expect(withoutPageFrames(stack.join('\n')).split('\n')).toEqual([stack[0], stack[6], stack[7]]);
});
