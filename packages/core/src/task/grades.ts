/**
 * Whether a text that a model went on with answers what was asked, by a rule:
 *
 *   exact     the whole text is one of the answers, but for white space
 *   contains  the words of one of the answers stand in it, in a row
 *   number    its number is that of the answer: the first after the last ####, else the last of the text
 *   tagged    what stands between the last <answer> and </answer> is the answer
 *   squad     exact match and F1 of words, as the script published with SQuAD counts them
 *
 * `contains` and `squad` compare words without case, punctuation and articles (SQuAD's normalisation), `tagged` without case.
 * Sources: Rajpurkar et al. 2018, https://arxiv.org/abs/1806.03822 (SQuAD 2.0); Cobbe et al. 2021,
 * https://arxiv.org/abs/2110.14168 (the mark ####).
 */
import { show, TaskError } from '../errors.js';
import { estimateOf, shareOf, type Estimate, type Share } from './estimate.js';

export const gradeRules = ['exact', 'contains', 'number', 'tagged', 'squad'] as const;
export type GradeRule = (typeof gradeRules)[number];

export interface Grade {
  readonly right: boolean;
  /** What was taken for the answer, as it is compared; absent where the text has none. */
  readonly answer?: string;
  /** Of `squad`: of words, with the answer that fits best. */
  readonly f1?: number;
}

/** @param answers what is right: one of them is enough. */
export function gradeAnswer(rule: GradeRule, text: string, answers: readonly string[]): Grade {
  const answer = read[rule](text);
  if (!answer) return { right: false, ...(rule === 'squad' && { f1: 0 }) };
  const wanted = answers.flatMap((it) => read[rule](it, true) || []);
  if (rule === 'contains') return { right: wanted.some((it) => ` ${answer} `.includes(` ${it} `)), answer };
  const right = wanted.includes(answer);
  return { right, answer, ...(rule === 'squad' && { f1: Math.max(...wanted.map((it) => f1(answer, it))) }) };
}

/** @throws TaskError where no text could ever be graded right. */
export function requireGradable(rule: GradeRule, answers: readonly string[], where: string): void {
  if (answers.some((it) => read[rule](it, true))) return;
  throw new TaskError({
    where,
    rule: `an answer must hold ${rule === 'number' ? 'a number' : 'a word'} to be graded by the rule ${rule}`,
    got: show(answers),
    cure: 'Correct the row, or choose another rule',
  });
}

/** What each rule compares; `isRight` says that it is a right answer's own text, which needs no tags. */
const read: Readonly<Record<GradeRule, (text: string, isRight?: boolean) => string | undefined>> = {
  exact: (text) => spaced(text.normalize('NFC')),
  contains: words,
  number: numberIn,
  tagged: (text, isRight) => {
    const tagged = [...text.matchAll(/<answer>(.*?)<\/answer>/gis)].at(-1)?.[1] ?? (isRight ? text : undefined);
    return tagged === undefined ? undefined : spaced(tagged).toLowerCase();
  },
  squad: words,
};

const spaced = (text: string): string => text.trim().replace(/\s+/g, ' ');

function words(text: string): string {
  const plain = text.toLowerCase().replace(/[!-/:-@[-`{-~]/g, '');
  return spaced(plain.replace(/\b(a|an|the)\b/g, ' '));
}

/** A minus behind a digit takes away, and is no sign. */
const NUMBER = /(?<!\d)-?(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?|(?<!\d)-?\.\d+/g;

function numberIn(text: string): string | undefined {
  const marked = text.split('####');
  const numbers = (of: string): string[] => of.match(NUMBER) ?? [];
  const found = (marked.length > 1 ? numbers(marked.at(-1)!).at(0) : undefined) ?? numbers(text).at(-1);
  return found === undefined ? undefined : String(Number(found.replaceAll(',', '')));
}

/** Of the words of two normalised texts, each as often as it stands there. */
function f1(said: string, wanted: string): number {
  const [a, b] = [said, wanted].map((text) => text.split(' ').filter(Boolean));
  if (a!.length === 0 || b!.length === 0) return a!.length === b!.length ? 1 : 0;
  const left = [...b!];
  const shared = a!.filter((word) => {
    const at = left.indexOf(word);
    if (at >= 0) left.splice(at, 1);
    return at >= 0;
  }).length;
  return shared === 0 ? 0 : (2 * shared) / (a!.length + b!.length);
}

export interface Grades {
  readonly rule: GradeRule;
  readonly examples: number;
  /** Of right ones, with the ends of its 95% interval. */
  readonly accuracy: Share;
  /** Texts in which there was nothing to compare. */
  readonly unanswered: number;
  /** Of `squad`. */
  readonly f1?: Estimate;
  /** Of `tagged`: means over the different right answers, each as if it alone were asked for. */
  readonly macro?: {
    readonly answers: number;
    readonly precision: number;
    readonly recall: number;
    readonly f1: number;
  };
}

/** @param wanted of each, what is right. */
export function gradesOf(rule: GradeRule, grades: readonly Grade[], wanted: readonly (readonly string[])[]): Grades {
  return {
    rule,
    examples: grades.length,
    accuracy: shareOf(grades.filter(({ right }) => right).length, grades.length),
    unanswered: grades.filter(({ answer }) => answer === undefined).length,
    ...(rule === 'squad' && { f1: estimateOf(grades.map(({ f1: own = 0 }) => own))! }),
    ...(rule === 'tagged' && { macro: macroOf(grades, wanted) }),
  };
}

/** Of several right answers the first is the class. */
function macroOf(grades: readonly Grade[], wanted: readonly (readonly string[])[]): Grades['macro'] {
  const classes = wanted.map(([first]) => read.tagged(first!, true)!);
  const said = grades.map(({ answer, right }, i) => (right ? classes[i] : answer));
  const all = [...new Set(classes)];
  const of = all.map((name) => {
    const hits = classes.filter((it, i) => it === name && said[i] === name).length;
    const share = (count: number): number => (count === 0 ? 0 : hits / count);
    const precision = share(said.filter((it) => it === name).length);
    const recall = share(classes.filter((it) => it === name).length);
    return { precision, recall, f1: hits === 0 ? 0 : (2 * precision * recall) / (precision + recall) };
  });
  const mean = (key: 'precision' | 'recall' | 'f1'): number => of.reduce((sum, it) => sum + it[key], 0) / all.length;
  return { answers: all.length, precision: mean('precision'), recall: mean('recall'), f1: mean('f1') };
}
