import { expect, test } from 'vitest';
import { runAddress } from '../../../src/page/files/openAddress.js';

test('a page opens the run that its address names, as a folder on its own server', () => {
  expect(runAddress('http://localhost:8080/?run=/run/')).toBe('http://localhost:8080/run/');
  expect(runAddress('http://localhost:8080/lab/?run=../runs/demo')).toBe('http://localhost:8080/runs/demo/');
});

test('an address without a run opens none', () => {
  expect(runAddress('http://localhost:8080/')).toBeUndefined();
  expect(runAddress('http://localhost:8080/?run=')).toBeUndefined();
});
