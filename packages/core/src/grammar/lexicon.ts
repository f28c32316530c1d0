/**
 * The words of the grammar. Each is one token, and every number-marked word has both forms, so that an agreement answer
 * and its opposite are always a single token each.
 */
export interface Inflected {
  readonly singular: string;
  readonly plural: string;
}
export type Quantity = keyof Inflected;

export interface Noun extends Inflected {
  readonly isAnimate: boolean;
  /** Left to the held-out tasks, so that what tuning teaches can be asked of nouns it has not seen. */
  readonly isHeldOut: boolean;
}

const list = (text: string): string[] => text.trim().split(/\s+/);
/** 'box/boxes' as given, 'dog' with an s. */
const inflect = (text: string): Inflected[] =>
  list(text).map((entry) => {
    const [singular = '', plural = `${singular}s`] = entry.split('/');
    return { singular, plural };
  });
const nounsOf = (text: string, kind: Pick<Noun, 'isAnimate' | 'isHeldOut'>): Noun[] =>
  inflect(text).map((forms) => ({ ...forms, ...kind }));

export const nouns: readonly Noun[] = [
  ...nounsOf('boy girl teacher doctor farmer nurse singer baker man/men child/children dog bird horse cow', {
    isAnimate: true,
    isHeldOut: false,
  }),
  ...nounsOf('pilot guard woman/women cat bear fox/foxes', { isAnimate: true, isHeldOut: true }),
  ...nounsOf('key cabinet ball table chair box/boxes cup lamp door tree hat coat shelf/shelves boat', {
    isAnimate: false,
    isHeldOut: false,
  }),
  ...nounsOf('book wheel picture shoe knife/knives', { isAnimate: false, isHeldOut: true }),
];

/** Written 'third person': 'run' is the plural form, 'runs' the singular. */
const verbsOf = (text: string): Inflected[] =>
  inflect(text).map(({ singular: plural, plural: singular }) => ({ singular, plural }));

export const verbs = {
  animate: verbsOf('run laugh sleep sing walk smile jump wait swim dance'),
  inanimate: verbsOf('fall shake roll break shine'),
  /** What one animate noun does to another. */
  transitive: verbsOf('see like know help follow hear find watch/watches'),
  copula: [
    { singular: 'is', plural: 'are' },
    { singular: 'was', plural: 'were' },
  ],
  possession: [{ singular: 'has', plural: 'have' }],
} as const;

export const adjectives = {
  animate: list('happy sad tired tall kind hungry'),
  inanimate: list('big small clean broken heavy new'),
} as const;
export const colours: readonly string[] = list('red blue green white black yellow brown pink');
export const prepositions: readonly string[] = list('near behind beside under above with');
export const adverbs: readonly string[] = list('slowly today again here');

export const children = {
  she: list('Lily Mia Anna Sara Emma Lucy Nora Ella'),
  he: list('Tom Ben Max Sam Jack Leo Tim Paul'),
} as const;
export const possessives = { she: 'her', he: 'his' } as const;
export const determiners: Readonly<Record<Quantity, readonly string[]>> = {
  singular: list('this one every each'),
  plural: list('these two many some'),
};
/** Number-neutral verbs, past tense: the constructions beside agreement must not say anything about it. */
export const past = {
  onThings: list('lost found took wanted kept washed'),
  alone: list('cried smiled slept danced laughed waited'),
  onAnyone: list('saw liked drew'),
} as const;
export const syllables: readonly string[] = list(
  'zed kol mip rux tav bim gop lun fep dax wug nib sot pel jiv cor hab yim qua oss',
);
export const numerals: readonly string[] = list('one two three four five six seven eight nine ten eleven twelve');
export const days: readonly string[] = list('monday tuesday wednesday thursday friday saturday sunday');
