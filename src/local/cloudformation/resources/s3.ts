// AWS::S3: buckets with the settings that this local AWS keeps, and their policies.
import type { Cloud, Input } from '../../cloud.ts';
import type { Properties } from '../stack.ts';
import type { Providers } from './provider.ts';
import {
  lifecycleRule,
  notificationConfiguration,
  type TemplateNotifications,
  type TemplateWebsite,
  websiteConfiguration,
} from './s3-values.ts';
import { json, tagList, text } from './values.ts';

type Rules<T> = readonly T[] | undefined;

/** How to set and remove a property of a bucket. */
interface Setting {
  put(cloud: Cloud, Bucket: string, value: never): Promise<unknown>;
  remove(cloud: Cloud, Bucket: string): Promise<unknown>;
}

const settings: Readonly<Record<string, Setting>> = {
  AccelerateConfiguration: {
    put: (cloud, Bucket, value: { AccelerationStatus: 'Enabled' | 'Suspended' }) =>
      cloud.call('s3', 'PutBucketAccelerateConfiguration', {
        Bucket,
        AccelerateConfiguration: { Status: value.AccelerationStatus },
      }),
    // Acceleration cannot be undone, only suspended.
    remove: (cloud, Bucket) =>
      cloud.call('s3', 'PutBucketAccelerateConfiguration', {
        Bucket,
        AccelerateConfiguration: { Status: 'Suspended' },
      }),
  },
  VersioningConfiguration: {
    put: (cloud, Bucket, value: { Status: 'Enabled' | 'Suspended' }) =>
      cloud.call('s3', 'PutBucketVersioning', { Bucket, VersioningConfiguration: value }),
    // Versioning cannot be undone, only suspended.
    remove: (cloud, Bucket) =>
      cloud.call('s3', 'PutBucketVersioning', { Bucket, VersioningConfiguration: { Status: 'Suspended' } }),
  },
  BucketEncryption: {
    put: (cloud, Bucket, value: { ServerSideEncryptionConfiguration: Rules<EncryptionRule> }) =>
      cloud.call('s3', 'PutBucketEncryption', {
        Bucket,
        ServerSideEncryptionConfiguration: {
          Rules: (value.ServerSideEncryptionConfiguration ?? []).map(encryptionRule),
        },
      }),
    remove: (cloud, Bucket) => cloud.call('s3', 'DeleteBucketEncryption', { Bucket }),
  },
  PublicAccessBlockConfiguration: {
    put: (cloud, Bucket, value: object) =>
      cloud.call('s3', 'PutPublicAccessBlock', { Bucket, PublicAccessBlockConfiguration: value }),
    remove: (cloud, Bucket) => cloud.call('s3', 'DeletePublicAccessBlock', { Bucket }),
  },
  OwnershipControls: {
    put: (cloud, Bucket, value: Input<'s3', 'PutBucketOwnershipControls'>['OwnershipControls']) =>
      cloud.call('s3', 'PutBucketOwnershipControls', { Bucket, OwnershipControls: value }),
    remove: (cloud, Bucket) => cloud.call('s3', 'DeleteBucketOwnershipControls', { Bucket }),
  },
  CorsConfiguration: {
    put: (cloud, Bucket, value: { CorsRules: Rules<CorsRule> }) =>
      cloud.call('s3', 'PutBucketCors', {
        Bucket,
        CORSConfiguration: { CORSRules: (value.CorsRules ?? []).map(corsRule) },
      }),
    remove: (cloud, Bucket) => cloud.call('s3', 'DeleteBucketCors', { Bucket }),
  },
  LifecycleConfiguration: {
    put: (cloud, Bucket, value: { Rules: Rules<Properties> }) =>
      cloud.call('s3', 'PutBucketLifecycleConfiguration', {
        Bucket,
        LifecycleConfiguration: { Rules: (value.Rules ?? []).map(lifecycleRule) },
      }),
    remove: (cloud, Bucket) => cloud.call('s3', 'DeleteBucketLifecycle', { Bucket }),
  },
  LoggingConfiguration: {
    put: (cloud, Bucket, value: { DestinationBucketName?: string; LogFilePrefix?: string }) =>
      cloud.call('s3', 'PutBucketLogging', {
        Bucket,
        BucketLoggingStatus: {
          LoggingEnabled: {
            TargetBucket: value.DestinationBucketName ?? Bucket,
            TargetPrefix: value.LogFilePrefix ?? '',
          },
        },
      }),
    remove: (cloud, Bucket) => cloud.call('s3', 'PutBucketLogging', { Bucket, BucketLoggingStatus: {} }),
  },
  NotificationConfiguration: {
    put: (cloud, Bucket, value: TemplateNotifications) =>
      cloud.call('s3', 'PutBucketNotificationConfiguration', {
        Bucket,
        NotificationConfiguration: notificationConfiguration(value),
      }),
    remove: (cloud, Bucket) =>
      cloud.call('s3', 'PutBucketNotificationConfiguration', { Bucket, NotificationConfiguration: {} }),
  },
  WebsiteConfiguration: {
    put: (cloud, Bucket, value: TemplateWebsite) =>
      cloud.call('s3', 'PutBucketWebsite', { Bucket, WebsiteConfiguration: websiteConfiguration(value) }),
    remove: (cloud, Bucket) => cloud.call('s3', 'DeleteBucketWebsite', { Bucket }),
  },
  Tags: {
    put: (cloud, Bucket, value: unknown) =>
      cloud.call('s3', 'PutBucketTagging', { Bucket, Tagging: { TagSet: tagList({ Tags: value }) } }),
    remove: (cloud, Bucket) => cloud.call('s3', 'DeleteBucketTagging', { Bucket }),
  },
};

interface EncryptionRule {
  readonly BucketKeyEnabled?: boolean;
  readonly ServerSideEncryptionByDefault?: { readonly SSEAlgorithm: 'AES256'; readonly KMSMasterKeyID?: string };
}
function encryptionRule({ BucketKeyEnabled, ServerSideEncryptionByDefault }: EncryptionRule) {
  return {
    ...(BucketKeyEnabled === undefined ? {} : { BucketKeyEnabled }),
    ...(ServerSideEncryptionByDefault === undefined
      ? {}
      : { ApplyServerSideEncryptionByDefault: ServerSideEncryptionByDefault }),
  };
}

interface CorsRule {
  readonly AllowedHeaders?: string[];
  readonly AllowedMethods: string[];
  readonly AllowedOrigins: string[];
  readonly ExposedHeaders?: string[];
  readonly Id?: string;
  readonly MaxAge?: number;
}
function corsRule({ ExposedHeaders, Id, MaxAge, ...same }: CorsRule) {
  return {
    ...same,
    ...(ExposedHeaders === undefined ? {} : { ExposeHeaders: ExposedHeaders }),
    ...(Id === undefined ? {} : { ID: Id }),
    ...(MaxAge === undefined ? {} : { MaxAgeSeconds: MaxAge }),
  };
}

function described({ region }: Cloud, name: string) {
  return {
    physicalId: name,
    attributes: {
      Arn: `arn:aws:s3:::${name}`,
      DomainName: `${name}.s3.amazonaws.com`,
      DualStackDomainName: `${name}.s3.dualstack.${region}.amazonaws.com`,
      RegionalDomainName: `${name}.s3.${region}.amazonaws.com`,
      WebsiteURL: `http://${name}.s3-website-${region}.amazonaws.com`,
    },
  };
}

async function applySettings(
  cloud: Cloud,
  name: string,
  changed: Iterable<string>,
  properties: Properties,
): Promise<void> {
  for (const property of changed) {
    const setting = settings[property];
    if (setting === undefined) continue;
    const value = properties[property];
    if (value === undefined || (Array.isArray(value) && value.length === 0)) await setting.remove(cloud, name);
    else await setting.put(cloud, name, value as never);
  }
}

export const s3Providers: Providers = {
  'AWS::S3::Bucket': {
    service: 'S3',
    properties: ['BucketName', ...Object.keys(settings)],
    name: { property: 'BucketName', limit: 63, lowerCase: true },
    async create({ cloud, name, properties, initiated }) {
      // us-east-1 is the one region that must not be named.
      const constraint = { CreateBucketConfiguration: { LocationConstraint: cloud.region as 'eu-west-1' } };
      await cloud.call('s3', 'CreateBucket', { Bucket: name, ...(cloud.region === 'us-east-1' ? {} : constraint) });
      initiated(name);
      await applySettings(cloud, name, Object.keys(properties), properties);
      return described(cloud, name);
    },
    async update({ cloud, physicalId, after, changed }) {
      await applySettings(cloud, physicalId, changed, after);
      return described(cloud, physicalId);
    },
    async delete({ cloud, physicalId }) {
      await cloud.call('s3', 'DeleteBucket', { Bucket: physicalId });
    },
  },

  'AWS::S3::BucketPolicy': {
    service: 'S3',
    properties: ['Bucket', 'PolicyDocument'],
    async create({ cloud, properties }) {
      const Bucket = text(properties, 'Bucket') ?? '';
      await cloud.call('s3', 'PutBucketPolicy', { Bucket, Policy: json(properties['PolicyDocument']) });
      return { physicalId: Bucket, attributes: {} };
    },
    async update({ cloud, physicalId, after }) {
      await cloud.call('s3', 'PutBucketPolicy', { Bucket: physicalId, Policy: json(after['PolicyDocument']) });
      return { physicalId, attributes: {} };
    },
    async delete({ cloud, physicalId }) {
      await cloud.call('s3', 'DeleteBucketPolicy', { Bucket: physicalId });
    },
  },
};
