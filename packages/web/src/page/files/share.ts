/**
 * An experiment as a link: its text, deflated, in the part of an address that browsers never send to a server. Models and
 * data do not travel with it; whoever opens the link sees what it needs, and starts it when they want to.
 */
import { ConfigError } from '@circuit-tuning/core';

const KEY = 'experiment';
/** Mails and messengers cut longer addresses. An experiment of 50 lines takes about 1,000 characters. */
const MAX_LINK = 8_000;
/** What 8,000 characters could unfold to is 6 MB of blanks; no experiment is as long as this. */
const MAX_TEXT = 100_000;

/**
 * The address of this page with the experiment in it.
 * @throws ConfigError where it would be too long for a link.
 */
export async function linkOf(text: string, page: string): Promise<string> {
  const packed = await through(new TextEncoder().encode(text), new CompressionStream('deflate'));
  const link = `${page.replace(/#.*$/s, '')}#${KEY}=${base64url(packed)}`;
  if (link.length > MAX_LINK || text.length > MAX_TEXT)
    throw new ConfigError({
      where: 'the link',
      rule: `must be at most ${MAX_LINK} characters long`,
      got: link.length,
      cure: 'Send the experiment as a file: whoever gets it can drop it on this page',
    });
  return link;
}

/**
 * The experiment of a link's part after `#`; undefined where that is something else, such as a place on the page.
 * @throws ConfigError where the link is damaged, too long, or has keys that this page does not know.
 */
export async function readLink(hash: string): Promise<string | undefined> {
  const keys = new URLSearchParams(hash.replace(/^#/, ''));
  const packed = keys.get(KEY);
  if (packed === null) return undefined;
  const unknown = [...keys.keys()].find((key, i, all) => key !== KEY || all.indexOf(key) !== i);
  if (unknown !== undefined)
    throw linkError(`must hold one ${KEY} and nothing else`, `also ${unknown}`, 'Ask for a link made by this version');
  if (packed.length > MAX_LINK)
    throw linkError(`must be at most ${MAX_LINK} characters long`, packed.length, 'Ask for the experiment as a file');
  const text = await unpack(packed);
  if (text === undefined)
    throw linkError('must be whole, as it was copied', 'one that is cut or changed', 'Copy the whole of it again');
  if (text.length > MAX_TEXT)
    throw linkError(`must unfold to at most ${MAX_TEXT} characters`, text.length, 'Ask for the experiment as a file');
  return text;
}

const linkError = (rule: string, got: string | number, cure: string): ConfigError =>
  new ConfigError({ where: 'the link', rule, got, cure });

/** The stream's own checksum finds a letter that was changed on the way. */
async function unpack(packed: string): Promise<string | undefined> {
  if (!/^[\w-]+$/.test(packed)) return undefined;
  try {
    const bytes = Uint8Array.from(atob(packed.replaceAll('-', '+').replaceAll('_', '/')), (it) => it.charCodeAt(0));
    const text = await through(bytes, new DecompressionStream('deflate'));
    return new TextDecoder('utf-8', { fatal: true }).decode(text);
  } catch {
    return undefined;
  }
}

const through = async (
  bytes: Uint8Array<ArrayBuffer>,
  stream: CompressionStream | DecompressionStream,
): Promise<Uint8Array<ArrayBuffer>> =>
  new Uint8Array(await new Response(new Blob([bytes]).stream().pipeThrough(stream)).arrayBuffer());

const base64url = (bytes: Uint8Array): string =>
  btoa(String.fromCharCode(...bytes))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replace(/=+$/, '');
