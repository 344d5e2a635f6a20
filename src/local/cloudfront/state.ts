// The records of CloudFront, which has no regions: they are the same in each. A distribution answers from the region that made it.
import type {
  DistributionConfig,
  FunctionConfig,
  OriginAccessControlConfig,
  ResponseHeadersPolicyConfig,
} from '@aws-sdk/client-cloudfront';
import { AwsError, type Cloud } from '../cloud.ts';
import { randomHex } from '../random.ts';
import type { Collection } from '../store.ts';

interface Kept {
  readonly id: string;
  /** Changes with every write. */
  readonly etag: string;
}

export interface Distribution extends Kept {
  readonly domainName: string;
  readonly config: DistributionConfig;
  readonly changedAt: number;
}

export interface EdgeFunction extends Kept {
  /** What was published, if anything. */
  readonly live?: string;
  readonly code: string;
  readonly config: FunctionConfig;
  readonly createdAt: number;
  readonly changedAt: number;
}

export interface AccessControl extends Kept {
  readonly config: OriginAccessControlConfig;
}

export interface HeadersPolicy extends Kept {
  readonly config: ResponseHeadersPolicyConfig;
  readonly changedAt: number;
}

export interface CloudFrontContext {
  readonly cloud: Cloud;
  readonly distributions: Collection<Distribution>;
  /** By name. */
  readonly functions: Collection<EdgeFunction>;
  readonly accessControls: Collection<AccessControl>;
  readonly headersPolicies: Collection<HeadersPolicy>;
  /** The loopback ports of the distributions that answer from this region, by id. */
  readonly ports: Collection<number>;
}

/** As CloudFront's ids look. */
export const newId = (): string => `E${randomHex(7).toUpperCase().slice(0, 13)}`;
export const newEtag = (): string => `E${randomHex(7).toUpperCase().slice(0, 13)}`;

export const functionArn = ({ accountId }: Cloud, name: string): string =>
  `arn:aws:cloudfront::${accountId}:function/${name}`;
export const distributionArn = ({ accountId }: Cloud, id: string): string =>
  `arn:aws:cloudfront::${accountId}:distribution/${id}`;

/** Finds a record, and checks the ETag that the caller read. */
export function existing<T extends Kept>(
  records: Collection<T>,
  code: string,
  id: string | undefined,
  etag?: string,
): T {
  const record = records.get(id ?? '');
  if (record === undefined) throw new AwsError(code, 'The specified resource does not exist.', 404);
  if (etag !== undefined && etag !== record.etag) {
    throw new AwsError(
      'PreconditionFailed',
      'The request failed because it did not meet the preconditions in one or more request-header fields.',
      412,
    );
  }
  return record;
}
