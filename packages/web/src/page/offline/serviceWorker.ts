/**
 * The page without a network: keeps the files of one version of the page, all or none, and gives them where the host does
 * not answer. While it answers, the host's files are shown, so that nobody sees a page of yesterday. Nothing from another
 * address is kept, nor anything else that the host has, as the run that `circuit-tuning lab` serves.
 */
declare const self: ServiceWorkerGlobalScope;
/** Both are put in when the lab is bundled. `LAB_FILES`: path below the page's folder to its hash; the page itself is ''. */
declare const LAB_VERSION: string;
declare const LAB_FILES: Readonly<Record<string, string>>;

const folder = new URL('./', self.location.href).href;
/** Several labs may lie in folders of one host. */
const prefix = `circuit-tuning lab ${folder} `;
/** How long a host may take to begin its answer before a kept file is given in its place. Milliseconds. */
const PATIENCE = 4000;

self.addEventListener('install', (event) => {
  event.waitUntil(keep().then(() => self.skipWaiting()));
});

self.addEventListener('activate', (event) => {
  event.waitUntil(begin());
});

self.addEventListener('fetch', (event) => {
  const path = ownPath(event.request);
  if (path !== undefined) event.respondWith(answer(event.request, path));
});

/** The hashes make sure that the files are of one version, even while a host is being updated. */
async function keep(): Promise<void> {
  const cache = await caches.open(prefix + LAB_VERSION);
  try {
    await Promise.all(
      Object.entries(LAB_FILES).map(async ([path, integrity]) => {
        const response = await fetch(folder + path, { cache: 'no-cache', integrity });
        if (!response.ok) throw new Error(`${path}: ${response.status}`);
        await cache.put(folder + path, response);
      }),
    );
  } catch (error) {
    await caches.delete(prefix + LAB_VERSION);
    throw error;
  }
}

/** Keeps the version before too: tabs may still show it, and ask for parts of it. */
async function begin(): Promise<void> {
  const older = (await caches.keys()).filter((name) => name.startsWith(prefix) && name !== prefix + LAB_VERSION);
  await Promise.all(older.slice(0, -1).map((name) => caches.delete(name)));
  await self.clients.claim();
  for (const client of await self.clients.matchAll()) client.postMessage({ labVersion: LAB_VERSION }, []);
}

/** Parts of an older version have names that this one may not know. */
function ownPath({ method, url }: Request): string | undefined {
  const { origin, pathname } = new URL(url);
  const place = origin + pathname;
  if (method !== 'GET' || !place.startsWith(folder)) return undefined;
  const path = place.slice(folder.length).replace(/^index\.html$/, '');
  return Object.hasOwn(LAB_FILES, path) || path.startsWith('chunks/') ? path : undefined;
}

async function answer(request: Request, path: string): Promise<Response> {
  const kept = keptFile(path);
  // revalidated, so that no cache between mixes two versions
  const asked = request.mode === 'navigate' ? fetch(request) : fetch(request, { cache: 'no-cache' });
  const late = new Promise<undefined>((resolve) => setTimeout(resolve, PATIENCE, undefined));
  const response = await Promise.race([asked, late]).catch(() => undefined);
  // 'opaqueredirect': a host may move its pages
  if (response && (response.ok || response.type === 'opaqueredirect')) return response;
  return (await kept) ?? asked;
}

async function keptFile(path: string): Promise<Response | undefined> {
  const own = await (await caches.open(prefix + LAB_VERSION)).match(folder + path);
  if (own) return own;
  for (const name of await caches.keys()) {
    const older = name.startsWith(prefix) ? await (await caches.open(name)).match(folder + path) : undefined;
    if (older) return older;
  }
  return undefined;
}
