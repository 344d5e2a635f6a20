// How a new project names fx among its packages.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageFolder } from '../base/packaged.ts';

/** A version of the registry; of a checkout, which no registry has, its folder. */
export function ownPackage(): string {
  const folder = packageFolder();
  const { version, private: isCheckout } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as {
    readonly version: string;
    readonly private?: boolean;
  };
  return isCheckout === true ? `file:${folder.replaceAll('\\', '/')}` : `^${version}`;
}
