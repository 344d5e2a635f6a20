// An environment in several regions: each is deployed as if it were the only one.
import { type LocatedMap, valueAt } from '../base/located.ts';
import { byKind, converted, described, list, object, type Schema } from '../base/schema.ts';
import { region } from './region-name.ts';

export interface SeveralRegions {
  readonly names: readonly string[];
  /** All at once, instead of one after the other. */
  readonly together: boolean;
}

const names: Schema<readonly string[]> = converted(list(region, { least: 1, most: 40 }), (value) => {
  const twice = value.find((name, index) => value.indexOf(name) !== index);
  return twice === undefined ? { value } : { wrong: `${twice} is listed twice` };
});

export const severalRegions: Schema<SeveralRegions> = byKind<SeveralRegions>({
  list: converted(names, (value) => ({ value: { names: value, together: false } })),
  map: converted(
    object({
      required: {
        together: described('The regions to deploy to at once.', names, { examples: [['eu-west-1', 'us-east-1']] }),
      },
      optional: {},
    }),
    ({ together }) => ({
      value: { names: together, together: true },
    }),
  ),
  expected: 'a list of regions, or {together: [a list]}',
});

/** `regions` says where an environment is, whatever `region` says: unless `override` names one, the first of them counts for this load. */
export function withFirstRegion(project: LocatedMap, override: string | undefined): LocatedMap {
  const entry = project.entries.get('regions');
  if (override !== undefined || entry === undefined) return project;
  const items = entry.value.kind === 'list' ? entry.value : valueAt(entry.value, ['together']);
  const first = items?.kind === 'list' ? items.items[0] : undefined;
  if (first === undefined) return project;
  return { ...project, entries: new Map([...project.entries, ['region', { ...entry, value: first }]]) };
}
