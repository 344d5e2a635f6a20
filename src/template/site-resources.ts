// What the site becomes: a private bucket, a distribution that alone may read it, a function for paths without a file, headers, a domain.
import type { OwnedOutput, OwnedResource } from '../cfn/part.ts';
import { attribute, type Resource, ref, sub, type Value } from '../cfn/resource.ts';
import { localEnvironment } from '../project/environment.ts';
import type { Project } from '../project/project.ts';
import type { SiteSettings } from '../project/site.ts';
import { headersResource, siteName } from './site-headers.ts';

// Managed policies have the same ids in every account:
// https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/using-managed-cache-policies.html
const cachingOptimized = '658327ea-f89d-4fab-a63d-7e88639e58f6';
const cachingDisabled = '4135ea2d-6df8-44a3-9df3-4b5a84be39ad';
// https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/using-managed-origin-request-policies.html
const allViewerExceptHostHeader = 'b689b0a8-53d0-40ab-baf2-68738e2966ac';
// https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-properties-route53-recordset-aliastarget.html
const cloudFrontZone = 'Z2FDTNDATAQYW2';

/** Names of outputs that a deploy reads. */
export const siteOutputs = {
  content: 'SiteContent',
  bucket: 'SiteBucket',
  distribution: 'SiteDistribution',
  url: 'SiteUrl',
} as const;
const bucketId = 'SiteBucket';
export const siteDistributionId = 'SiteDistribution';

interface SiteParts {
  readonly resources: readonly (readonly [id: string, resource: OwnedResource])[];
  readonly outputs: readonly (readonly [id: string, output: OwnedOutput])[];
}

/** `content`: the hash of the files, which a build knows. As an output, it makes other files another template, so that a release names its
 * files, and an earlier release brings its own back. */
export function siteParts(project: Project, content: string | undefined): SiteParts {
  const { site } = project;
  if (site === undefined) return { resources: [], outputs: [] };
  const from = ['site'];
  const resources = Object.entries({
    ...bucketResources(content),
    ...functionResource(project, site),
    ...headersResource(project, site),
    ...domainResources(site),
    [siteDistributionId]: distribution(project, site),
  }).map(([id, resource]) => [id, { resource, owner: { kind: 'project' }, from }] as const);
  const isLocal = project.environment.name === localEnvironment;
  const url =
    site.domain === undefined || isLocal ? attribute(siteDistributionId, 'DomainName') : site.domain.value.name;
  const output = (Description: string, Value: Value): OwnedOutput => ({
    output: { Description, Value },
    owner: { kind: 'project' },
  });
  return {
    resources,
    outputs: [
      [siteOutputs.url, output('The site', { 'Fn::Join': ['', ['https://', url]] })],
      [siteOutputs.bucket, output("The bucket with the site's files", ref(bucketId))],
      [siteOutputs.distribution, output('The distribution of the site', ref(siteDistributionId))],
      ...(content === undefined
        ? []
        : [[siteOutputs.content, output("The hash of the site's files", content)] as const]),
    ],
  };
}

/** The tag is there because AWS has documented that outputs cannot be updated by themselves, and does not say since when they can:
 * https://github.com/cfn-sphere/cfn-sphere/issues/98, https://github.com/jenkinsci/pipeline-aws-plugin/issues/210 */
function bucketResources(content: string | undefined): Readonly<Record<string, Resource>> {
  const objects = { 'Fn::Sub': `\${${bucketId}.Arn}/*` };
  const viaDistribution = {
    StringEquals: {
      'AWS:SourceArn': sub(
        `arn:\${AWS::Partition}:cloudfront::\${AWS::AccountId}:distribution/\${${siteDistributionId}}`,
      ),
    },
  };
  const cloudFront = { Service: 'cloudfront.amazonaws.com' };
  return {
    [bucketId]: {
      Type: 'AWS::S3::Bucket',
      Properties: {
        OwnershipControls: { Rules: [{ ObjectOwnership: 'BucketOwnerEnforced' }] },
        PublicAccessBlockConfiguration: {
          BlockPublicAcls: true,
          BlockPublicPolicy: true,
          IgnorePublicAcls: true,
          RestrictPublicBuckets: true,
        },
        ...(content === undefined ? {} : { Tags: [{ Key: 'fx:site', Value: content }] }),
      },
    },
    // https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/private-content-restricting-access-to-s3.html
    [`${bucketId}Policy`]: {
      Type: 'AWS::S3::BucketPolicy',
      Properties: {
        Bucket: ref(bucketId),
        PolicyDocument: {
          Version: '2012-10-17',
          Statement: [
            {
              Effect: 'Allow',
              Principal: cloudFront,
              Action: 's3:GetObject',
              Resource: objects,
              Condition: viaDistribution,
            },
            // without it, a file that is not there is 403 instead of 404
            {
              Effect: 'Allow',
              Principal: cloudFront,
              Action: 's3:ListBucket',
              Resource: attribute(bucketId, 'Arn'),
              Condition: viaDistribution,
            },
            {
              Effect: 'Deny',
              Principal: '*',
              Action: 's3:*',
              Resource: [attribute(bucketId, 'Arn'), objects],
              Condition: { Bool: { 'aws:SecureTransport': 'false' } },
            },
          ],
        },
      },
    },
  };
}

/** https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/functions-javascript-runtime-20.html */
function functionResource(
  project: Project,
  { index = 'index.html', spa, rewrite = true }: SiteSettings,
): Readonly<Record<string, Resource>> {
  const isSpa = spa?.value === true;
  const found = isSpa ? `'/${index}'` : `uri + (uri.endsWith('/') ? '' : '/') + '${index}'`;
  const paths: Readonly<Record<string, Resource>> = {
    SitePaths: {
      Type: 'AWS::CloudFront::Function',
      Properties: {
        Name: siteName(project, 'site-paths'),
        AutoPublish: true,
        FunctionConfig: {
          Comment: isSpa ? 'The index for every path without a file extension' : 'The index of a folder',
          Runtime: 'cloudfront-js-2.0',
        },
        FunctionCode: [
          'function handler(event) {',
          '  const request = event.request;',
          '  const uri = request.uri;',
          `  if (!uri.split('/').pop().includes('.')) request.uri = ${found};`,
          '  return request;',
          '}',
          '',
        ].join('\n'),
      },
    },
  };
  return {
    ...(rewrite ? paths : {}),
    SiteAccess: {
      Type: 'AWS::CloudFront::OriginAccessControl',
      Properties: {
        OriginAccessControlConfig: {
          Name: siteName(project, 'site'),
          OriginAccessControlOriginType: 's3',
          SigningBehavior: 'always',
          SigningProtocol: 'sigv4',
        },
      },
    },
  };
}

const certificateOf = ({ domain }: SiteSettings): Value => domain?.value.certificate ?? ref('SiteCertificate');

function domainResources({ domain }: SiteSettings): Readonly<Record<string, Resource>> {
  if (domain === undefined) return {};
  const { name, zone, certificate } = domain.value;
  const records = zone === undefined ? [] : ['A', 'AAAA'];
  return {
    ...(certificate === undefined
      ? {
          SiteCertificate: {
            Type: 'AWS::CertificateManager::Certificate',
            Properties: {
              DomainName: name,
              ValidationMethod: 'DNS',
              DomainValidationOptions: [{ DomainName: name, HostedZoneId: zone ?? '' }],
            },
          },
        }
      : {}),
    ...Object.fromEntries(
      records.map((Type) => [
        `SiteRecord${Type}`,
        {
          Type: 'AWS::Route53::RecordSet',
          Properties: {
            HostedZoneId: zone ?? '',
            Name: name,
            Type,
            AliasTarget: { DNSName: attribute(siteDistributionId, 'DomainName'), HostedZoneId: cloudFrontZone },
          },
        },
      ]),
    ),
  };
}

function distribution(project: Project, site: SiteSettings): Resource {
  const { index = 'index.html', api, domain, notFound, headers, rewrite = true, priceClass = 'all' } = site;
  const headersPolicy =
    headers === undefined || headers.size === 0 ? {} : { ResponseHeadersPolicyId: ref('SiteHeaders') };
  const files = {
    Id: 'files',
    DomainName: attribute(bucketId, 'RegionalDomainName'),
    OriginAccessControlId: ref('SiteAccess'),
    // empty, because access control took the place of an identity
    S3OriginConfig: { OriginAccessIdentity: '' },
  };
  const ofApi = {
    Id: 'api',
    DomainName: sub('${HttpApi}.execute-api.${AWS::Region}.${AWS::URLSuffix}'),
    CustomOriginConfig: { OriginProtocolPolicy: 'https-only', OriginSSLProtocols: ['TLSv1.2'] },
  };
  const behaviors = api === undefined ? [] : [api.value, `${api.value}/*`];
  return {
    Type: 'AWS::CloudFront::Distribution',
    Properties: {
      DistributionConfig: {
        Enabled: true,
        Comment: `${project.name} in ${project.environment.name}`,
        HttpVersion: 'http2and3',
        IPV6Enabled: true,
        PriceClass: { '100': 'PriceClass_100', '200': 'PriceClass_200', all: 'PriceClass_All' }[priceClass],
        DefaultRootObject: index,
        Origins: [files, ...(api === undefined ? [] : [ofApi])],
        DefaultCacheBehavior: {
          TargetOriginId: files.Id,
          ViewerProtocolPolicy: 'redirect-to-https',
          Compress: true,
          CachePolicyId: cachingOptimized,
          ...(rewrite
            ? {
                FunctionAssociations: [
                  { EventType: 'viewer-request', FunctionARN: attribute('SitePaths', 'FunctionARN') },
                ],
              }
            : {}),
          ...headersPolicy,
        },
        ...(behaviors.length === 0
          ? {}
          : {
              CacheBehaviors: behaviors.map((PathPattern) => ({
                PathPattern,
                TargetOriginId: ofApi.Id,
                ViewerProtocolPolicy: 'redirect-to-https',
                AllowedMethods: ['GET', 'HEAD', 'OPTIONS', 'PUT', 'PATCH', 'POST', 'DELETE'],
                Compress: true,
                CachePolicyId: cachingDisabled,
                OriginRequestPolicyId: allViewerExceptHostHeader,
              })),
            }),
        ...(notFound === undefined
          ? {}
          : { CustomErrorResponses: [{ ErrorCode: 404, ResponseCode: 404, ResponsePagePath: `/${notFound.value}` }] }),
        ...(domain === undefined
          ? {}
          : {
              Aliases: [domain.value.name],
              ViewerCertificate: {
                AcmCertificateArn: certificateOf(site),
                MinimumProtocolVersion: 'TLSv1.2_2021',
                SslSupportMethod: 'sni-only',
              },
            }),
      },
    },
  };
}
