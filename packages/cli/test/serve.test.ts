/** What the server of the lab gives, and what it keeps to itself. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { serve, type Served } from '../src/serve.js';

const headers = { 'Content-Security-Policy': "default-src 'self'", 'X-Content-Type-Options': 'nosniff' };

let folder: string;
let served: Served;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'serve-'));
  const put = (path: string, text: string): void => {
    mkdirSync(join(folder, path, '..'), { recursive: true });
    writeFileSync(join(folder, path), text);
  };
  put('lab/index.html', '<!doctype html>');
  put('lab/page.js', 'export {}');
  put('lab/page.css', 'a {}');
  put('lab/headers.json', JSON.stringify(headers));
  put('lab/embedded/model/model.safetensors', '0123456789');
  put('lab/.hidden', 'hidden');
  put('run/events.jsonl', '{}\n');
  put('run/circuits/before.json', '{"edges":{}}');
  put('secret.txt', 'secret');
  served = await serve({ lab: join(folder, 'lab'), run: join(folder, 'run'), port: 0, isPortGiven: true });
});
afterAll(async () => {
  await served.close();
  rmSync(folder, { recursive: true });
});

interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly text: string;
}
/** As it is typed: `fetch` would tidy the path first. */
const ask = (path: string, { method = 'GET', ...headers }: Record<string, string> = {}): Promise<Answer> =>
  new Promise((resolve, reject) => {
    const { hostname, port } = new URL(served.url);
    request({ hostname, port, path, method, headers }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (part: string) => (text += part));
      response.on('end', () => resolve({ status: response.statusCode!, headers: response.headers, text }));
    })
      .on('error', reject)
      .end();
  });

describe('the server of the lab', () => {
  it('gives the page at its address, which names the run', async () => {
    expect(served.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/\?run=\/run\/$/);
    expect(await ask('/?run=/run/')).toMatchObject({ status: 200, text: '<!doctype html>' });
  });

  it.each([
    ['/', 'text/html; charset=utf-8'],
    ['/page.js', 'text/javascript; charset=utf-8'],
    ['/page.css', 'text/css; charset=utf-8'],
    ['/run/circuits/before.json', 'application/json; charset=utf-8'],
    ['/embedded/model/model.safetensors', 'application/octet-stream'],
  ])('says what %s is', async (path, type) => {
    expect((await ask(path)).headers['content-type']).toBe(type);
  });

  it('sends the headers of the lab with every answer, and lets no cache keep what may change', async () => {
    for (const path of ['/', '/page.js', '/run/events.jsonl', '/none'])
      expect((await ask(path)).headers).toMatchObject({
        'content-security-policy': "default-src 'self'",
        'x-content-type-options': 'nosniff',
        'cache-control': 'no-cache',
      });
    const { etag } = (await ask('/page.js')).headers;
    expect(await ask('/page.js', { 'If-None-Match': String(etag) })).toMatchObject({ status: 304, text: '' });
  });

  it('gives ranges, from the first byte to the last', async () => {
    const path = '/embedded/model/model.safetensors';
    const first = await ask(path, { Range: 'bytes=0-0' });
    expect([first.status, first.text, first.headers['content-range']]).toEqual([206, '0', 'bytes 0-0/10']);
    expect((await ask(path, { Range: 'bytes=8-' })).text).toBe('89');
    const beyond = await ask(path, { Range: 'bytes=10-' });
    expect([beyond.status, beyond.headers['content-range']]).toEqual([416, 'bytes */10']);
    expect(beyond.text).toBe('The file has no such range.\n');
  });

  it('lists what a folder of the run holds, and nothing of a folder that is not there or lies elsewhere', async () => {
    expect(JSON.parse((await ask('/run/')).text)).toEqual(expect.arrayContaining(['circuits', 'events.jsonl']));
    expect(await ask('/run/circuits/')).toMatchObject({ status: 200, text: '["before.json"]' });
    for (const path of ['/run/none/', '/run/../', '/run/%2e%2e/', '/run/..%2f..%2f/', '/run/..\\/'])
      expect(await ask(path)).toMatchObject({ status: 200, text: '[]' });
  });

  it.each(['/none', '/run/none', '/run/circuits', '/embedded', '/.hidden'])('has no %s', async (path) => {
    expect(await ask(path)).toMatchObject({ status: 404, text: 'There is no such file.\n' });
  });

  it.each([
    '/../secret.txt',
    '/run/../../secret.txt',
    '/run/..%2f..%2fsecret.txt',
    '/%2e%2e/secret.txt',
    '/run/%2e%2e/secret.txt',
    '/run/..\\secret.txt',
    '//secret.txt',
    '/page.js/../../secret.txt',
    '/%00',
    'http://127.0.0.1/../secret.txt',
  ])('does not leave its folders for %s', async (path) => {
    const { status, text } = await ask(path);
    expect(status).toBeGreaterThanOrEqual(400);
    expect(status).toBeLessThan(500);
    expect(text).not.toContain('secret');
  });

  it('is for reading', async () => {
    const refused = await ask('/page.js', { method: 'PUT' });
    expect([refused.status, refused.headers['allow']]).toEqual([405, 'GET, HEAD']);
    expect(refused.text).toBe('Files here can only be read.\n');
    expect(await ask('/page.js', { method: 'HEAD' })).toMatchObject({ status: 200, text: '' });
  });

  it('answers to no name that another site may have given to this address', async () => {
    const refused = await ask('/run/events.jsonl', { Host: 'example.org' });
    expect(refused).toMatchObject({ status: 403, text: 'This address may not be asked for.\n' });
    for (const Host of ['localhost:8747', '127.0.0.1:1', '[::1]:8747'])
      expect((await ask('/', { Host })).status).toBe(200);
  });

  it('takes the next port where one is taken, unless it was given', async () => {
    const lab = join(folder, 'lab');
    const port = Number(new URL(served.url).port);
    const next = await serve({ lab, port, isPortGiven: false });
    expect(Number(new URL(next.url).port)).toBeGreaterThan(port);
    expect(next.url).not.toContain('run');
    await next.close();
    await expect(serve({ lab, port, isPortGiven: true })).rejects.toThrow(
      `--port ${port}: must be a free port, got one that another program uses. Give another, or leave --port out to take the next that is free.`,
    );
    await expect(serve({ lab, port: 0, isPortGiven: true, host: '203.0.113.7' })).rejects.toThrow(
      '--host 203.0.113.7: must be an address of this machine, got EADDRNOTAVAIL.',
    );
  });
});
