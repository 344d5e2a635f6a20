// How a new project names fx among its packages.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { packageFolder, packageVersion } from '../base/packaged.ts';

/** A version of the registry; of a checkout, whose version the registry need not have, its folder. */
export function ownPackage(): string {
  const folder = packageFolder();
  const isCheckout = existsSync(join(folder, 'src'));
  return isCheckout ? `file:${folder.replaceAll('\\', '/')}` : `^${packageVersion()}`;
}
