/** Width of an element in CSS pixels, followed as it changes; 0 before it is known. */
import type { RefObject } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { watchWidth } from '../../draw/dom.js';

export function useWidth(): [RefObject<HTMLDivElement | null>, number] {
  const place = useRef<HTMLDivElement>(null);
  const [width, setWidth] = useState(0);
  useEffect(() => {
    // what is drawn for the width before must not widen the page until it is drawn anew
    place.current!.style.overflowX = 'clip';
    return watchWidth(place.current!, setWidth);
  }, []);
  return [place, width];
}
