/** What the worker answers to a question that follows the reader: asked when they rest, and only the newest answer counts. */
import { useEffect, useState } from 'preact/hooks';

export interface Answer<T> {
  /** The newest answer to this question; undefined before the first. */
  readonly value?: T;
  readonly isAsking: boolean;
  /** Why the newest question has no answer. */
  readonly trouble?: string;
}

const IDLE = { isAsking: false } as const;

/**
 * `about` says what is asked, `state` under which circumstances: when only these change, the last answer stays until the
 * next is there. Nothing is asked while `about` is undefined. `rest` milliseconds without another question come first.
 */
export function useAnswer<T>(about: string | undefined, state: string, ask: () => Promise<T>, rest = 250): Answer<T> {
  const [answer, setAnswer] = useState<Answer<T> & { readonly about?: string }>(IDLE);
  useEffect(() => {
    if (about === undefined) {
      setAnswer(IDLE);
      return undefined;
    }
    let isOver = false;
    setAnswer((last) => ({ ...(last.about === about && last), about, isAsking: true }));
    const timer = setTimeout(() => {
      void ask().then(
        (value) => {
          if (!isOver) setAnswer({ value, about, isAsking: false });
        },
        (error: unknown) => {
          if (!isOver) setAnswer({ about, isAsking: false, trouble: messageOf(error) });
        },
      );
    }, rest);
    return () => {
      isOver = true;
      clearTimeout(timer);
    };
  }, [about, state]);
  // what is known of another part is not shown for this one
  return answer.about === about ? answer : { isAsking: about !== undefined };
}

const messageOf = (error: unknown): string =>
  typeof error === 'object' && error !== null && 'message' in error ? String(error.message) : String(error);
