/** The page without a network: registers the service worker that lies beside it, and hears of newer versions of the page. */
import { signal } from '@preact/signals';

/** A newer version of the page is served than the one that is open: a reload shows it. */
export const newVersion = signal(false);

/** The first picture comes first: what is kept is asked for a second time. Milliseconds after all has loaded. */
const DELAY = 2000;

/** Where the browser has no service workers (insecure addresses, some private windows), the page needs its host each time. */
export function keepOffline(): void {
  const own = document.querySelector<HTMLMetaElement>('meta[name=lab-version]')?.content;
  if (own === undefined || !('serviceWorker' in navigator)) return;
  const { serviceWorker } = navigator;
  serviceWorker.addEventListener('message', ({ data }: MessageEvent<{ readonly labVersion?: string }>) => {
    if (data.labVersion !== undefined && data.labVersion !== own) newVersion.value = true;
  });
  const register = async (): Promise<void> => {
    const registration = await serviceWorker.register('serviceWorker.js');
    document.addEventListener('visibilitychange', () => {
      // a tab may stay open for days; without a network there is nothing newer
      if (document.visibilityState === 'visible') void registration.update().catch(() => undefined);
    });
  };
  const begin = (): unknown => setTimeout(() => void register().catch(() => undefined), DELAY);
  if (document.readyState === 'complete') begin();
  else addEventListener('load', begin, { once: true });
}
