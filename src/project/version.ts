// Whether a version of fx is in a project's `fxVersion` range.
import { satisfies as inRange, Range } from 'semver';

export function satisfies(version: string, range: string): boolean | 'no range' {
  try {
    return inRange(version, new Range(range), { includePrerelease: true });
  } catch {
    return 'no range';
  }
}
