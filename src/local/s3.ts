// Stand-in until the service lands.
import type { Cloud, Service } from './cloud.ts';

export function createS3(_cloud: Cloud): Service<'s3'> {
  return { name: 's3', operations: {} };
}
