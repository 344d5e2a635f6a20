// Checks before the first call to AWS, for every command: the region, and the version of fx.
import type { Problem, Span } from '../base/error.ts';
import { nearest } from '../base/suggest.ts';
import { regions } from '../cfn/regions.ts';
import type { Path } from '../cfn/resource-schema.ts';
import type { Environment } from './environment.ts';
import { satisfies } from './version.ts';

export interface Checks {
  readonly problems: readonly Problem[];
  readonly warnings: readonly Problem[];
}

export interface Judged {
  readonly problem?: Problem;
  readonly warning?: Problem;
}

export interface DestinationFacts {
  /** The value of `fxVersion`. */
  readonly range: string | undefined;
  /** The version of fx. */
  readonly version: string | undefined;
  origin(path: Path): Span;
}

export function checkDestination({ region }: Environment, facts: DestinationFacts): Checks {
  const judged = checkRegion(region, facts.origin(['region']));
  return {
    problems: [...checkVersion(facts), ...(judged?.problem === undefined ? [] : [judged.problem])],
    warnings: judged?.warning === undefined ? [] : [judged.warning],
  };
}

function checkVersion({ range, version, origin }: DestinationFacts): Problem[] {
  if (range === undefined || version === undefined) return [];
  const at = origin(['fxVersion']);
  const answer = satisfies(version, range);
  if (answer === 'no range')
    return [{ at, message: `"${range}" is not a valid version range`, hint: 'such as ^0.1.0 or >=0.1 <1' }];
  if (answer) return [];
  return [
    {
      at,
      message: `this is fx ${version}, but the project needs ${range}`,
      hint: 'install a version of fx that fits, or change fxVersion',
    },
  ];
}

const directions = /^[a-z]{2,4}(-[a-z]+)?-(central|(north|south)?(east|west)|north|south)-\d$/;

/** An unknown region may be new; one with an impossible direction is a typo. */
export function checkRegion(region: string, at: Span): Judged | undefined {
  if (regions.includes(region)) return undefined;
  const suggestion = nearest(region, regions);
  const hint = suggestion === undefined ? 'a region looks like eu-west-1' : `did you mean ${suggestion}?`;
  if (!directions.test(region)) return { problem: { at, message: `there is no region "${region}"`, hint } };
  return {
    warning: {
      at,
      message: `fx does not know the region "${region}"`,
      hint: `${hint} Ignore this if AWS has added it recently`,
    },
  };
}
