import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { adapterDir, installed, isDriverChosen, type Installed } from '../../src/adapter/installed.js';

const facts: Installed = { kind: 'lavapipe', version: 'Mesa 1', manifest: 'icd.json', libraries: ['libvulkan.so.1'] };

beforeEach(() => vi.stubEnv('CIRCUIT_TUNING_CACHE', mkdtempSync(join(tmpdir(), 'circuit-tuning-'))));
afterEach(() => {
  rmSync(process.env['CIRCUIT_TUNING_CACHE'] ?? '', { recursive: true });
  vi.unstubAllEnvs();
});

function setUp(...files: string[]): void {
  const dir = adapterDir('lavapipe');
  mkdirSync(dir, { recursive: true });
  for (const file of files) writeFileSync(join(dir, file), '');
  writeFileSync(join(dir, 'adapter.json'), JSON.stringify(facts));
}

test('an adapter is there once all of its files are', () => {
  expect(installed('lavapipe')).toBeUndefined();
  setUp('icd.json');
  expect(installed('lavapipe')).toBeUndefined();
  setUp('icd.json', 'libvulkan.so.1');
  expect(installed('lavapipe')).toEqual(facts);
});

test('drivers named by the user are a choice, those of our own cache are not', () => {
  vi.stubEnv('VK_ICD_FILENAMES', '');
  vi.stubEnv('VK_DRIVER_FILES', '/usr/share/vulkan/icd.d/nvidia_icd.json');
  expect(isDriverChosen()).toBe(true);
  vi.stubEnv('VK_DRIVER_FILES', join(adapterDir('lavapipe'), 'icd.json'));
  expect(isDriverChosen()).toBe(false);
});
