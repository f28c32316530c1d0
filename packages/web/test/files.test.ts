import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { blobSource, pickedFolder, urlFolder, urlSource } from '../src/index.js';

const bytes = Uint8Array.from({ length: 1000 }, (_, i) => i % 251);
const some = [...bytes.subarray(250, 260)];

describe('a picked file', () => {
  const file = new File([bytes], 'model.safetensors');

  test('is read in ranges, under its own name', async () => {
    const source = blobSource(file);
    expect(source).toMatchObject({ name: 'model.safetensors', size: 1000 });
    expect([...(await source.read(250, 10))]).toEqual(some);
  });

  test('gives fewer bytes past its end', async () => {
    expect(await blobSource(file).read(995, 10)).toHaveLength(5);
  });

  test('is found in its folder by name, and nothing else is', async () => {
    const folder = pickedFolder([file]);
    expect((await folder.open('model.safetensors'))?.size).toBe(1000);
    expect(await folder.open('config.json')).toBeUndefined();
  });
});

describe('a file on a server', () => {
  let server: Server;
  let base = '';
  const asked: string[] = [];

  beforeAll(async () => {
    server = createServer((request, response) => {
      asked.push(`${request.url} ${request.headers.range}`);
      const [, from, to] = request.headers.range?.match(/bytes=(\d+)-(\d+)/) ?? [];
      switch (request.url) {
        case '/ranged': {
          const headers = { 'Content-Range': `bytes ${from}-${to}/${bytes.length}` };
          return response.writeHead(206, headers).end(bytes.subarray(Number(from), Number(to) + 1));
        }
        case '/whole':
          return response.writeHead(200).end(bytes);
        case '/secretive':
          return response.writeHead(206).end(bytes.subarray(0, 1));
        case '/empty':
          return response.writeHead(416, { 'Content-Range': 'bytes */0' }).end();
        case '/broken':
          return response.writeHead(500).end();
        default:
          return response.writeHead(404).end();
      }
    });
    await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
    base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterAll(() => new Promise((resolve) => void server.close(resolve)));

  test('is read in ranges, and only those are sent', async () => {
    asked.length = 0;
    const source = await urlSource(`${base}/ranged`);
    expect(source.size).toBe(1000);
    expect([...(await source.read(250, 10))]).toEqual(some);
    expect(asked).toEqual(['/ranged bytes=0-0', '/ranged bytes=250-259']);
  });

  test('gives fewer bytes past its end, and none beyond', async () => {
    const source = await urlSource(`${base}/ranged`);
    expect(await source.read(995, 10)).toHaveLength(5);
    expect(await source.read(1000, 10)).toHaveLength(0);
  });

  test('is asked for once where the server ignores ranges', async () => {
    asked.length = 0;
    const source = await urlSource(`${base}/whole`);
    expect(source.size).toBe(1000);
    expect([...(await source.read(250, 10))]).toEqual(some);
    expect(asked).toHaveLength(1);
  });

  test('may be empty', async () => {
    expect((await urlSource(`${base}/empty`)).size).toBe(0);
  });

  test('that does not exist is an error, and in a folder merely absent', async () => {
    await expect(urlSource(`${base}/no`)).rejects.toThrow('/no: the server must have the file, got 404. ');
    expect(await urlFolder(base).open('no')).toBeUndefined();
    expect((await urlFolder(base).open('ranged'))?.size).toBe(1000);
  });

  test('whose server fails, hides the size or is not there is named with what to do', async () => {
    await expect(urlSource(`${base}/broken`)).rejects.toThrow('must send the file, got 500 Internal Server Error. ');
    await expect(urlSource(`${base}/secretive`)).rejects.toThrow('Access-Control-Expose-Headers: Content-Range');
    await expect(urlSource('http://127.0.0.1:1/x')).rejects.toThrow('the server must answer, got fetch failed. ');
  });

  test('can be given up by the caller', async () => {
    const giveUp = new AbortController();
    giveUp.abort();
    await expect(urlSource(`${base}/ranged`, { signal: giveUp.signal })).rejects.toThrow('aborted');
  });
});
