/** The sets of examples that come with the page, in a line each. */
export interface BuiltInTask {
  readonly path: string;
  readonly title: string;
  readonly what: string;
}

export const builtInTasks: readonly BuiltInTask[] = [
  {
    path: 'tasks/agreement.jsonl',
    title: 'Agreement',
    what: 'Pairs that differ in the number of the subject: “the dogs … were”, “the dog … was”.',
  },
  {
    path: 'tasks/agreement-held-out.jsonl',
    title: 'Held-out pairs',
    what: 'Agreement with nouns and beginnings of their own, to measure on what was not learnt from.',
  },
  {
    path: 'tasks/opposite.jsonl',
    title: 'Opposite',
    what: 'Sentences in which no verb agrees with its subject: what the model is to learn.',
  },
  {
    path: 'tasks/keep-gender.jsonl',
    title: 'Gender',
    what: 'Text in which “he” and “she” follow the name, to see that tuning does not break it.',
  },
  {
    path: 'tasks/keep-determiner.jsonl',
    title: 'Determiner',
    what: 'Text in which the noun follows its number word: “one tree”, “two balls”.',
  },
  { path: 'tasks/keep-copy.jsonl', title: 'Copy', what: 'Made-up words that have to be repeated.' },
  { path: 'tasks/keep-succession.jsonl', title: 'Succession', what: 'Days of the week in their order.' },
  { path: 'tasks/keep-recall.jsonl', title: 'Recall', what: 'Which thing had which colour, said again.' },
];

export const isBuiltIn = (path: string): boolean => builtInTasks.some((it) => it.path === path);
