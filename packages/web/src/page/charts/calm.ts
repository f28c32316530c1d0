/** A signal at the pace of a reader, for views that cost more to draw than a step of training takes. */
import { signal, type ReadonlySignal, type Signal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';

/** Follows `source` at most once in `pace` milliseconds; the last value always comes through. */
export function useCalm<T>(source: ReadonlySignal<T>, pace = 250): ReadonlySignal<T> {
  const calm = useRef<Signal<T>>(undefined);
  calm.current ??= signal(source.peek());
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    let last = -Infinity;
    const end = source.subscribe((value) => {
      clearTimeout(timer);
      const wait = last + pace - performance.now();
      const take = (): void => {
        last = performance.now();
        calm.current!.value = value;
      };
      if (wait > 0) timer = setTimeout(take, wait);
      else take();
    });
    return () => {
      clearTimeout(timer);
      end();
    };
  }, [source, pace]);
  return calm.current;
}
