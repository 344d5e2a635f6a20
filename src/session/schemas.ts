// The resource schemas that the build extracts, read from the package.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { packagedFile } from '../base/packaged.ts';
import { type ResourceSchemas, resourceSchemas } from '../cfn/resource-schema.ts';

/** A service's file is read when a template first names it. */
export function loadSchemas(): ResourceSchemas {
  return resourceSchemas((file) => {
    try {
      return readFileSync(packagedFile(join('resource-schemas', file)), 'utf8');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
      throw error;
    }
  });
}
