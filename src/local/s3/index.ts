// S3: buckets, versioned objects with tags, conditional writes, multipart uploads and notifications. Path-style addresses only.
import type { Cloud, Service } from '../cloud.ts';
import { bucketOperations } from './buckets.ts';
import { listingOperations } from './listing.ts';
import { multipartOperations } from './multipart.ts';
import { notificationOperations } from './notifications.ts';
import { objectOperations } from './objects.ts';
import { settingOperations } from './settings.ts';
import { openState } from './state.ts';
import { taggingOperations } from './tagging.ts';

export function createS3(cloud: Cloud): Service<'s3'> {
  const state = openState(cloud);
  return {
    name: 's3',
    operations: {
      ...bucketOperations(state),
      ...settingOperations(state),
      ...objectOperations(state),
      ...listingOperations(state),
      ...multipartOperations(state),
      ...notificationOperations(state),
      ...taggingOperations(state),
    },
  };
}
