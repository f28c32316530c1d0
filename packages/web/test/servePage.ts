/** A bare page in front of a worker, for tests that drive the engine without the lab around it. */
import { existsSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

const assets = new URL('../../cli/assets/', import.meta.url);

export interface ServedPage {
  readonly url: string;
  close(): void;
}

/** A page that runs `script`, with `worker` at /worker.js, and the embedded assets of the CLI, on a port of their own. */
export async function servePage({ script, worker }: { script: string; worker: string }): Promise<ServedPage> {
  const made = new Map([
    ['/', ['text/html', `<!doctype html><title>test</title><script>${script}</script>`]],
    ['/worker.js', ['text/javascript', worker]],
  ]);
  const server = createServer(({ url = '/' }, response) => {
    const { pathname } = new URL(url, 'http://localhost');
    const [type, body] = made.get(pathname) ?? ['application/octet-stream'];
    const file = new URL(`.${pathname}`, assets);
    if (body === undefined && !existsSync(file)) response.writeHead(404).end();
    else response.writeHead(200, { 'content-type': type }).end(body ?? readFileSync(file));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}/`, close: () => void server.close() };
}
