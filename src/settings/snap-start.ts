// SnapStart: a version starts from a snapshot of its initialization.
import { described, flag } from '../base/schema.ts';
import type { Setting } from './setting.ts';

/** https://docs.aws.amazon.com/lambda/latest/dg/snapstart.html: Java 11, Python 3.12 and .NET 8, and later ones of each. */
const supported: Readonly<Record<string, number>> = { java: 11, python: 3.12, dotnet: 8 };
const largestStorage = 512;

export const snapStart: Setting<boolean> = {
  schema: described('Start from a snapshot. For Java 11, Python 3.12, .NET 8 and later, and container images.', flag, {
    default: false,
    examples: [true],
    aws: 'https://docs.aws.amazon.com/lambda/latest/dg/snapstart.html',
  }),
  check(on, { runtime, provisionedConcurrency, fileSystem, ephemeralStorage, image }) {
    if (!on) return undefined;
    // an image of any language may have hooks: https://docs.aws.amazon.com/lambda/latest/dg/snapstart-runtime-hooks-custom.html
    if (image === undefined && !serves(String(runtime))) {
      return { message: `${runtime} does not support SnapStart`, hint: 'use Java 11, Python 3.12, .NET 8 or later' };
    }
    if (provisionedConcurrency !== undefined)
      return { message: 'snapStart and provisionedConcurrency exclude each other', hint: 'remove one of the two' };
    if (fileSystem !== undefined)
      return { message: 'snapStart and fileSystem exclude each other', hint: 'remove one of the two' };
    return Number(ephemeralStorage) > largestStorage
      ? { message: `snapStart allows at most ${largestStorage} MB of ephemeralStorage, found ${ephemeralStorage}` }
      : undefined;
  },
  compile: (on) => ({ properties: { SnapStart: { ApplyOn: on ? 'PublishedVersions' : 'None' } } }),
};

/** 3.9 is older than 3.12, so versions are compared part by part. */
function serves(runtime: string): boolean {
  const [, family = '', version = ''] = /^([a-z]+)([\d.]+)/.exec(runtime) ?? [];
  const least = supported[family];
  if (least === undefined) return false;
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const [leastMajor = 0, leastMinor = 0] = String(least).split('.').map(Number);
  return major > leastMajor || (major === leastMajor && minor >= leastMinor);
}
