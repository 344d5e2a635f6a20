// Lambda's sizes, checked before anything is uploaded.
// https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
import { FxError } from '../base/error.ts';
import type { Artifact } from './artifact.ts';

export const unzippedLimit = 262_144_000;
export const zippedLimit = 52_428_800;
const shownOffenders = 5;

export function checkUnzipped(artifact: Artifact): void {
  if (artifact.unzippedSize > unzippedLimit) throw tooLarge(artifact, artifact.unzippedSize, unzippedLimit, 'unzipped');
}

export function checkZipped(artifact: Artifact, size: number): void {
  if (size > zippedLimit) throw tooLarge(artifact, size, zippedLimit, 'zipped');
}

function tooLarge(artifact: Artifact, size: number, limit: number, state: string): FxError {
  const largest = [...artifact.manifest]
    .sort((a, b) => b.size - a.size)
    .slice(0, shownOffenders)
    .map((entry) => `${megabytes(entry.size)} ${entry.path}`);
  return new FxError(
    'ARTIFACT_TOO_LARGE',
    `the function "${artifact.functionName}" is ${megabytes(size)} ${state}; Lambda takes at most ${megabytes(limit)}`,
    { hint: `the largest files: ${largest.join(', ')}` },
  );
}

export function megabytes(bytes: number): string {
  if (bytes < 1000) return `${bytes} B`;
  return bytes < 100_000 ? `${(bytes / 1024).toFixed(1)} KB` : `${(bytes / 1024 / 1024).toFixed(1)} MB`;
}
