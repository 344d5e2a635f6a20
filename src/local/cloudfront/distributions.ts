// Distributions: made, described, changed and deleted; and invalidations, which succeed at once, since nothing is cached here.
import type { Distribution as Described, DistributionConfig } from '@aws-sdk/client-cloudfront';
import { AwsError, type Cloud, type Operations } from '../cloud.ts';
import { notImplemented } from '../constraint.ts';
import { randomHex } from '../random.ts';
import type { Edge } from './edge.ts';
import { checkAssociations } from './edge-association.ts';
import { type CloudFrontContext, type Distribution, distributionArn, existing, newEtag, newId } from './state.ts';

const missing = 'NoSuchDistribution';

export function distributionOperations(context: CloudFrontContext, edge: Edge): Operations<'cloudfront'> {
  const { cloud, distributions } = context;
  const shown = ({ id, domainName, config, changedAt }: Distribution): Described => ({
    Id: id,
    ARN: distributionArn(cloud, id),
    Status: 'Deployed',
    LastModifiedTime: new Date(changedAt),
    InProgressInvalidationBatches: 0,
    DomainName: domainName,
    DistributionConfig: config,
  });

  return {
    CreateDistribution: {
      members: ['DistributionConfig'],
      async run({ DistributionConfig: config }) {
        const distribution: Distribution = {
          id: newId(),
          etag: newEtag(),
          domainName: `d${randomHex(7).slice(0, 13)}.cloudfront.net`,
          config: await checked(cloud, config),
          changedAt: cloud.now(),
        };
        distributions.set(distribution.id, distribution);
        await edge.open(distribution);
        return { Distribution: shown(distribution), ETag: distribution.etag };
      },
    },

    GetDistribution: {
      members: ['Id'],
      run({ Id }) {
        const distribution = existing(distributions, missing, Id);
        return { Distribution: shown(distribution), ETag: distribution.etag };
      },
    },

    GetDistributionConfig: {
      members: ['Id'],
      run({ Id }) {
        const { config, etag } = existing(distributions, missing, Id);
        return { DistributionConfig: config, ETag: etag };
      },
    },

    UpdateDistribution: {
      members: ['Id', 'DistributionConfig', 'IfMatch'],
      async run({ Id, DistributionConfig: config, IfMatch }) {
        const distribution = existing(distributions, missing, Id, IfMatch);
        const changed = {
          ...distribution,
          config: await checked(cloud, config),
          etag: newEtag(),
          changedAt: cloud.now(),
        };
        distributions.set(changed.id, changed);
        return { Distribution: shown(changed), ETag: changed.etag };
      },
    },

    DeleteDistribution: {
      members: ['Id', 'IfMatch'],
      async run({ Id, IfMatch }) {
        const distribution = existing(distributions, missing, Id, IfMatch);
        if (distribution.config.Enabled === true) {
          const message = 'The distribution you are trying to delete has not been disabled.';
          throw new AwsError('DistributionNotDisabled', message, 409);
        }
        distributions.delete(distribution.id);
        await edge.close(distribution);
        return {};
      },
    },

    CreateInvalidation: {
      members: ['DistributionId', 'InvalidationBatch'],
      run({ DistributionId, InvalidationBatch }) {
        existing(distributions, missing, DistributionId);
        const { Paths } = InvalidationBatch ?? { Paths: undefined };
        const wrong = Paths?.Items?.find((path) => !path.startsWith('/'));
        if (Paths?.Items === undefined || wrong !== undefined || Paths.Quantity !== Paths.Items.length) {
          throw new AwsError('InvalidArgument', 'Your request contains one or more invalid invalidation paths.');
        }
        return {
          Invalidation: { Id: newId(), Status: 'Completed', CreateTime: new Date(cloud.now()), InvalidationBatch },
        };
      },
    },
  };
}

/** What the local AWS cannot do is refused, not ignored. */
async function checked(cloud: Cloud, config: DistributionConfig | undefined): Promise<DistributionConfig> {
  if (config === undefined) throw new AwsError('InvalidArgument', 'A distribution needs a configuration.');
  const behaviors = [config.DefaultCacheBehavior, ...(config.CacheBehaviors?.Items ?? [])];
  if ((config.OriginGroups?.Quantity ?? 0) > 0) throw notImplemented('cloudfront: origin groups');
  for (const behavior of behaviors) {
    if (behavior?.ForwardedValues !== undefined)
      throw notImplemented('cloudfront: ForwardedValues, which policies have replaced,');
    if (!config.Origins?.Items?.some(({ Id }) => Id === behavior?.TargetOriginId)) {
      const message = 'One or more of your origins or origin groups do not exist.';
      throw new AwsError('NoSuchOrigin', message, 404);
    }
    if (behavior !== undefined) await checkAssociations(cloud, behavior);
  }
  return config;
}
