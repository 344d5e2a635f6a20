// SnapStart: a version starts from a snapshot of its own initialisation.
import { described, flag } from '../base/schema.ts';
import type { Setting } from './setting.ts';

/** https://docs.aws.amazon.com/lambda/latest/dg/snapstart.html: Java 11, Python 3.12 and .NET 8, and later ones of each. */
const supported: Readonly<Record<string, number>> = { java: 11, python: 3.12, dotnet: 8 };
const largestStorage = 512;

export const snapStart: Setting<boolean> = {
  schema: described('Starts versions from a snapshot. For Java, Python 3.12 and .NET 8 or later.', flag, {
    default: false,
    examples: [true],
    aws: 'https://docs.aws.amazon.com/lambda/latest/dg/snapstart.html',
  }),
  check(on, { runtime, provisionedConcurrency, fileSystem, ephemeralStorage, image }) {
    if (!on) return undefined;
    if (image !== undefined) return { message: 'container images have no SnapStart' };
    if (!serves(String(runtime))) {
      return { message: `${runtime} has no SnapStart`, hint: 'Java 11, Python 3.12 and .NET 8 and later have' };
    }
    if (provisionedConcurrency !== undefined)
      return { message: 'SnapStart and provisionedConcurrency exclude each other', hint: 'take one of them out' };
    if (fileSystem !== undefined) return { message: 'SnapStart takes no file system', hint: 'take one of them out' };
    return Number(ephemeralStorage) > largestStorage
      ? { message: `SnapStart takes at most ${largestStorage} MB of ephemeralStorage, not ${ephemeralStorage}` }
      : undefined;
  },
  compile: (on) => ({ properties: { SnapStart: { ApplyOn: on ? 'PublishedVersions' : 'None' } } }),
};

/** 3.9 comes before 3.12, so the parts of a version are compared one by one. */
function serves(runtime: string): boolean {
  const [, family = '', version = ''] = /^([a-z]+)([\d.]+)/.exec(runtime) ?? [];
  const least = supported[family];
  if (least === undefined) return false;
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const [leastMajor = 0, leastMinor = 0] = String(least).split('.').map(Number);
  return major > leastMajor || (major === leastMajor && minor >= leastMinor);
}
