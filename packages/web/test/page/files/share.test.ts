import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { linkOf, readLink } from '../../../src/page/files/share.js';

const page = 'https://example.org/lab/';
const lab = readFileSync(new URL('../../../../cli/assets/embedded/lab.yaml', import.meta.url), 'utf8');
const hashOf = async (text: string): Promise<string> => new URL(await linkOf(text, page)).hash;

describe('an experiment as a link', () => {
  it('comes out of the link as it went in, comments and other alphabets too', async () => {
    expect(await readLink(await hashOf(lab))).toBe(lab);
    const odd = 'name: größe # ὁ λόγος, 言葉 🙂\n';
    expect(await readLink(await hashOf(odd))).toBe(odd);
  });

  it('keeps everything behind the #, which browsers do not send, and takes the place of what stood there', async () => {
    const link = await linkOf('name: a\n', `${page}?theme=dark#experiment=old`);
    expect(link).toMatch(/^https:\/\/example\.org\/lab\/\?theme=dark#experiment=[\w-]+$/);
  });

  it('is short enough for a message', async () => {
    expect((await linkOf(lab, page)).length).toBeLessThan(1500);
  });

  it('is refused where it would be too long, with what to do instead', async () => {
    const noise = createHash('shake256', { outputLength: 9000 }).update('noise').digest('base64url');
    await expect(linkOf(`# ${noise}\n`, page)).rejects.toThrow(
      /^the link: must be at most 8000 characters long, got \d+\. Send the experiment as a file/,
    );
    await expect(readLink(`#experiment=${'a'.repeat(9000)}`)).rejects.toThrow(
      'the link: must be at most 8000 characters long, got 9000. Ask for the experiment as a file.',
    );
  });

  it('does not unfold to more than an experiment can be', async () => {
    const blanks = new Blob([' '.repeat(200_000)]).stream().pipeThrough(new CompressionStream('deflate'));
    const packed = Buffer.from(await new Response(blanks).arrayBuffer()).toString('base64url');
    await expect(readLink(`#experiment=${packed}`)).rejects.toThrow(
      'the link: must unfold to at most 100000 characters, got 200000. Ask for the experiment as a file.',
    );
  });

  it('says so when it is cut, changed, or no link of this page at all', async () => {
    const hash = await hashOf(lab);
    const changed = `${hash.slice(0, 60)}${hash[60] === 'A' ? 'B' : 'A'}${hash.slice(61)}`;
    for (const damaged of [hash.slice(0, -9), changed, '#experiment=', '#experiment=%%%', '#experiment=abcd'])
      await expect(readLink(damaged)).rejects.toThrow(
        'the link: must be whole, as it was copied, got one that is cut or changed. Copy the whole of it again.',
      );
  });

  it('has no keys that this page does not know', async () => {
    const hash = await hashOf('name: a\n');
    for (const more of ['&model=x', '&experiment=abc'])
      await expect(readLink(hash + more)).rejects.toThrow(
        `the link: must hold one experiment and nothing else, got also ${more.slice(1).split('=')[0]}. Ask for a link made by this version.`,
      );
  });

  it('is not seen in a place on the page', async () => {
    expect(await readLink('')).toBeUndefined();
    expect(await readLink('#circuit')).toBeUndefined();
  });
});
