import { expect, test } from 'vitest';
import { oneLineEntries, parseRelease, sourceLines, stanzaEntries } from '../../src/adapter/debian.js';

const bookworm = { id: 'debian', codename: 'bookworm' };

test('a release is known by its id and codename, quoted or not', () => {
  expect(parseRelease('PRETTY_NAME="Debian 12"\nVERSION_CODENAME=bookworm\nID=debian\n')).toEqual(bookworm);
  expect(parseRelease('ID="ubuntu"\nVERSION_CODENAME="noble"')).toEqual({ id: 'ubuntu', codename: 'noble' });
});

test('a list in the one-line form is read with options and comments, without its source packages', () => {
  const text = [
    '# deb http://old.example/debian bookworm main',
    'deb [arch=amd64 signed-by=/k.gpg] http://mirror.example/debian bookworm main contrib # here',
    'deb-src http://mirror.example/debian bookworm main',
  ].join('\n');
  expect(oneLineEntries(text)).toEqual([
    {
      uri: 'http://mirror.example/debian',
      suites: ['bookworm'],
      components: ['main', 'contrib'],
      signedBy: '/k.gpg',
    },
  ]);
});

test('a list in stanzas is read, without disabled ones and keys written inside', () => {
  const text = [
    'Types: deb deb-src\nURIs: http://mirror.example/debian\nSuites: bookworm bookworm-updates\nComponents: main\nSigned-By: /k.gpg',
    'Types: deb\nEnabled: no\nURIs: http://off.example/debian\nSuites: bookworm\nComponents: main',
    'Types: deb\nURIs: http://inline.example/debian\nSuites: bookworm\nComponents: main\nSigned-By:\n -----BEGIN KEY-----',
  ].join('\n\n');
  expect(stanzaEntries(text).map(({ uri, suites, signedBy }) => [uri, suites.join(' '), signedBy])).toEqual([
    ['http://mirror.example/debian', 'bookworm bookworm-updates', '/k.gpg'],
    ['http://inline.example/debian', 'bookworm', undefined],
  ]);
});

test('Debian gets its backports from the mirror it already uses, and foreign sources are left out', () => {
  const entries = oneLineEntries(
    'deb [signed-by=/k.gpg] http://mirror.example/debian bookworm main\ndeb http://tools.example/apt stable main',
  );
  expect(sourceLines(entries, bookworm)).toEqual([
    'deb [signed-by=/k.gpg] http://mirror.example/debian bookworm main',
    'deb [signed-by=/k.gpg] http://mirror.example/debian bookworm-backports main',
  ]);
});

test('backports that are there are not named twice, and Ubuntu gets none', () => {
  const both = oneLineEntries(
    'deb http://m.example/debian bookworm main\ndeb http://m.example/debian bookworm-backports main',
  );
  expect(sourceLines(both, bookworm)).toHaveLength(2);
  const noble = oneLineEntries('deb http://m.example/ubuntu noble main universe');
  expect(sourceLines(noble, { id: 'ubuntu', codename: 'noble' })).toEqual([
    'deb http://m.example/ubuntu noble main universe',
  ]);
});
