/** A hub on a port of its own: the API, files behind a redirect, and everything that goes wrong with connections. */
import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface FakeHub {
  readonly address: string;
  /** Of the model org/tiny, by name. */
  readonly files: Map<string, Uint8Array>;
  /** `name from-to` of every range that was asked for. */
  readonly asked: string[];
  /** What happens to the next requests for files, one after another: cut after so many bytes, a status, or another file. */
  readonly accidents: ({ cut: number } | { status: number } | { instead: Uint8Array } | { whole: true })[];
  close(): Promise<void>;
}

export const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

export async function fakeHub(): Promise<FakeHub> {
  const files = new Map<string, Uint8Array>();
  const asked: string[] = [];
  const accidents: FakeHub['accidents'] = [];

  const api = (path: string, response: ServerResponse): unknown => {
    const json = (value: unknown): unknown =>
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(value));
    if (path === 'org/closed') return response.writeHead(401).end();
    if (path === 'org/gated') return json({ sha: 'c0ffee', gated: 'manual' });
    if (path === 'org/odd') return response.writeHead(200).end('<html>');
    if (path === 'org/tiny') return json({ sha: 'c0ffee', gated: false });
    if (path !== 'org/tiny/tree/c0ffee') return response.writeHead(404).end();
    const tree = [...files].map(([path, bytes]) => {
      const lfs = path.endsWith('.safetensors') && { lfs: { oid: sha256(bytes), size: bytes.length } };
      return { type: 'file', path, size: bytes.length, oid: sha256(bytes).slice(0, 40), ...lfs };
    });
    return json([{ type: 'directory', path: 'onnx', size: 0, oid: 'd' }, ...tree]);
  };

  const send = (name: string, range: string | undefined, response: ServerResponse): unknown => {
    const accident = accidents.shift();
    asked.push(`${name} ${range}`);
    if (accident && 'status' in accident) return response.writeHead(accident.status).end();
    const bytes = accident && 'instead' in accident ? accident.instead : files.get(name);
    if (!bytes) return response.writeHead(404).end();
    const [from, to] = range?.split('-').map(Number) ?? [0, bytes.length - 1];
    if (accident && 'whole' in accident) return response.writeHead(200).end(bytes);
    const part = bytes.subarray(from, to! + 1);
    response.writeHead(range === undefined ? 200 : 206, {
      'content-length': part.length,
      ...(range !== undefined && { 'content-range': `bytes ${from}-${to}/${bytes.length}` }),
    });
    if (!accident || !('cut' in accident)) return response.end(part);
    return response.write(part.subarray(0, accident.cut), () => response.destroy());
  };

  const answer = ({ url = '/', headers }: IncomingMessage, response: ServerResponse): unknown => {
    response.setHeader('access-control-allow-origin', '*');
    response.setHeader('access-control-expose-headers', 'content-range, retry-after');
    const path = decodeURIComponent(new URL(url, 'http://hub').pathname);
    if (path.startsWith('/api/models/')) return api(path.slice('/api/models/'.length), response);
    const [, name] = /^\/org\/tiny\/resolve\/c0ffee\/(.+)$/.exec(path) ?? [];
    if (name !== undefined) return response.writeHead(302, { location: `/cdn/${name}` }).end();
    if (path.startsWith('/cdn/')) return send(path.slice(5), headers.range?.replace('bytes=', ''), response);
    return response.writeHead(404).end();
  };

  const server = createServer(answer);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    address: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    files,
    asked,
    accidents,
    close: () => new Promise((resolve) => void server.close(() => resolve())),
  };
}
