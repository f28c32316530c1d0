/** Read groups whose gradients are made and contracted together: all projections of one norm, which see the same sources. */
import type { Nodes, ReadGroup } from '../circuit/nodes.js';

export interface ReadSite {
  readonly layer: number;
  /** q, k and v of a layer, gate and input of blocks of neurons, or one group alone. */
  readonly groups: readonly ReadGroup[];
  /** Index of its first read. */
  readonly first: number;
  /** Reads of all groups, which follow each other. */
  readonly count: number;
  /** Sources before this one write before it reads. */
  readonly reach: number;
}

export function readSites({ readGroups }: Nodes): ReadSite[] {
  const sites: ReadSite[] = [];
  for (const group of readGroups) {
    const last = sites.at(-1);
    if (last && last.layer === group.layer && last.reach === group.reach)
      sites[sites.length - 1] = { ...last, groups: [...last.groups, group], count: last.count + group.count };
    else {
      const { layer, first, count, reach } = group;
      sites.push({ layer, groups: [group], first, count, reach });
    }
  }
  return sites;
}

/** State that holds the scores of a site, [groups, S, count]. */
export const totalName = (prefix: string, { layer, groups }: ReadSite): string =>
  `${prefix}.${groups.map(({ at }) => at).join('+')}${layer}`;
