/**
 * What became of each part of a model between the steps that were looked at: where its direct logit attribution, its
 * attention to the subject and the cosine of its OV with the answer began and ended, and how often they changed sign.
 *
 * A value whose 95% interval holds 0 has no sign and is passed over.
 *
 * Misleads: the interval is of the examples at one moment, so what wanders about 0 between the moments is missed; fewer
 * than about ten examples make it too narrow; among many heads one in twenty that writes nothing has a sign by chance.
 */
import type { Estimate } from '../task/estimate.js';
import type { HeadReadings, PartReading } from '../heads/readHeads.js';

export interface Course {
  readonly first: number;
  readonly last: number;
  readonly least: number;
  readonly most: number;
  readonly signChanges: number;
}

export interface PartCourse {
  readonly part: string;
  readonly direct: Course;
  readonly attention?: Course;
  readonly ov?: Course;
}

/** Those whose direct logit attribution spans most come first. @param moments by step ascending, one at least. */
export function partCourses(moments: readonly Pick<HeadReadings, 'parts'>[]): PartCourse[] {
  const parts = moments[0]!.parts.map(({ part }) => part);
  const all = parts.map((part): PartCourse => {
    const readings = moments.flatMap(({ parts: of }) => of.filter((it) => it.part === part));
    const course = (key: 'direct' | 'attention' | 'ov'): Course | undefined => courseOf(readings, key);
    const [attention, ov] = [course('attention'), course('ov')];
    return { part, direct: course('direct')!, ...(attention && { attention }), ...(ov && { ov }) };
  });
  const span = ({ direct: { least, most } }: PartCourse): number => most - least;
  return all.sort((a, b) => span(b) - span(a));
}

function courseOf(readings: readonly PartReading[], key: 'direct' | 'attention' | 'ov'): Course | undefined {
  const values = readings.flatMap(({ [key]: value }) => (value ? [value] : []));
  if (values.length === 0) return undefined;
  const means = values.map(({ mean }) => mean);
  return {
    first: means[0]!,
    last: means.at(-1)!,
    least: Math.min(...means),
    most: Math.max(...means),
    signChanges: signChanges(values),
  };
}

/** 0 where the interval holds it. */
const signOf = ({ mean, margin = 0 }: Estimate): number => (Math.abs(mean) > margin ? Math.sign(mean) : 0);

function signChanges(values: readonly Estimate[]): number {
  const signs = values.map(signOf).filter((sign) => sign !== 0);
  return signs.reduce((count, sign, i) => count + (i > 0 && sign !== signs[i - 1] ? 1 : 0), 0);
}
