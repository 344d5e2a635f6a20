// The resource schemas that the build extracts, read from the package.
import { join } from 'node:path';
import { packagedText } from '../base/packaged.ts';
import { type ResourceSchemas, resourceSchemas } from '../cfn/resource-schema.ts';

/** A service's file is read when a template first names it. */
export function loadSchemas(): ResourceSchemas {
  return resourceSchemas((file) => packagedText(join('resource-schemas', file)));
}
