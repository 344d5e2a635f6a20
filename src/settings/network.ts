// The VPC that a function joins, and the file system that it mounts.
import type { Plain } from '../base/located.ts';
import { byKind, described, flag, list, object, type Schema, text } from '../base/schema.ts';
import type { Statement } from '../cfn/part.ts';
import { referencesIn } from '../cfn/resource.ts';
import { intrinsic, textOrIntrinsic } from '../cfn/value-schema.ts';
import type { Setting, SettingContext } from './setting.ts';

export interface Vpc {
  readonly subnetIds: Plain;
  readonly securityGroupIds: Plain;
  readonly ipv6AllowedForDualStack?: boolean;
}

// https://docs.aws.amazon.com/lambda/latest/api/API_VpcConfig.html
const mostSubnets = 16;
const mostSecurityGroups = 5;

function ids(prefix: string, most: number, what: string): Schema<Plain> {
  const expected = `a ${what} such as ${prefix}-0a1b2c3d4e5f67890, or an intrinsic`;
  return byKind<Plain>({
    list: list(textOrIntrinsic(new RegExp(`^${prefix}-[0-9a-z]+$`), expected), { least: 1, most }),
    map: intrinsic(`a list of ${what}s`),
    expected: `a list of ${what}s`,
  });
}

export const vpc: Setting<Vpc> = {
  schema: described(
    'Puts the function into subnets of a VPC. It reaches the internet only if the VPC does.',
    object({
      required: {
        subnetIds: described('Subnets; use two Availability Zones or more.', ids('subnet', mostSubnets, 'subnet'), {
          examples: [['subnet-0a1b2c3d4e5f67890', 'subnet-0a1b2c3d4e5f67891']],
        }),
        securityGroupIds: described('Security groups, at most five.', ids('sg', mostSecurityGroups, 'security group'), {
          examples: [['sg-0a1b2c3d4e5f67890']],
        }),
      },
      optional: {
        ipv6AllowedForDualStack: described('Allow outbound IPv6 traffic through dual-stack subnets.', flag, {
          default: false,
        }),
      },
      elsewhere: { subnets: 'subnetIds', securityGroups: 'securityGroupIds' },
    }),
    {
      examples: [{ subnetIds: ['subnet-0a1b2c3d4e5f67890'], securityGroupIds: ['sg-0a1b2c3d4e5f67890'] }],
      aws: 'https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html',
    },
  ),
  elsewhere: ['vpcConfig'],
  compile: ({ subnetIds, securityGroupIds, ipv6AllowedForDualStack }, context) => ({
    properties: {
      VpcConfig: {
        SubnetIds: subnetIds,
        SecurityGroupIds: securityGroupIds,
        ...(ipv6AllowedForDualStack === undefined ? {} : { Ipv6AllowedForDualStack: ipv6AllowedForDualStack }),
      },
    },
    statements: networkStatements(context),
  }),
};

const networkActions = [
  'CreateNetworkInterface',
  'DescribeNetworkInterfaces',
  'DescribeSubnets',
  'DeleteNetworkInterface',
  'AssignPrivateIpAddresses',
  'UnassignPrivateIpAddresses',
].map((name) => `ec2:${name}`);

/** The permissions Lambda needs to join a VPC, denied to the function's code, as AWS advises. EC2 has no narrower resource for the describe
 * calls. https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html */
function networkStatements({ function: { physicalName } }: SettingContext): readonly Statement[] {
  const self = `arn:\${AWS::Partition}:lambda:\${AWS::Region}:\${AWS::AccountId}:function:${physicalName}`;
  return [
    { Effect: 'Allow', Action: networkActions, Resource: ['*'] },
    {
      Effect: 'Deny',
      Action: networkActions,
      Resource: ['*'],
      Condition: { ArnEquals: { 'lambda:SourceFunctionArn': [{ 'Fn::Sub': self }] } },
    },
  ];
}

export interface FileSystem {
  readonly arn: Plain;
  readonly localMountPath: string;
}

export const fileSystem: Setting<FileSystem> = {
  schema: described(
    'An access point of an EFS or S3 Files file system, and where to mount it below /mnt.',
    object({
      required: {
        arn: described(
          'The ARN of the access point.',
          textOrIntrinsic(
            // https://docs.aws.amazon.com/lambda/latest/api/API_FileSystemConfig.html
            /^arn:[a-z0-9-]+:(elasticfilesystem:[a-z0-9-]+:\d{12}:|s3files:[0-9a-z:-]+:file-system\/fs-[0-9a-f]{17,40}\/)access-point\/fsap-[0-9a-f]{17,40}$/,
            'the ARN of an access point, or an intrinsic',
          ),
          { examples: ['arn:aws:elasticfilesystem:eu-west-1:111122223333:access-point/fsap-0123456789abcdef0'] },
        ),
        localMountPath: described(
          'Where to mount it, such as /mnt/data.',
          text({ pattern: /^\/mnt\/[a-zA-Z0-9_.-]+$/, longest: 160, expected: 'a folder such as /mnt/data' }),
          { examples: ['/mnt/data'] },
        ),
      },
      optional: {},
      elsewhere: { path: 'localMountPath', efs: 'arn' },
    }),
    {
      examples: [
        {
          arn: 'arn:aws:elasticfilesystem:eu-west-1:111122223333:access-point/fsap-0123456789abcdef0',
          localMountPath: '/mnt/data',
        },
      ],
      aws: 'https://docs.aws.amazon.com/lambda/latest/dg/configuration-filesystem.html',
    },
  ),
  elsewhere: ['fileSystemConfig', 'fileSystemConfigs', 'efs', 'volume'],
  check(_, { vpc: network }) {
    return network === undefined
      ? {
          message: 'fileSystem needs a vpc: functions reach file systems through a network',
          hint: 'add vpc: {subnetIds: …, securityGroupIds: …}',
        }
      : undefined;
  },
  compile: ({ arn, localMountPath }, context) => {
    const service = fileServiceOf(arn, context);
    const systems = `arn:\${AWS::Partition}:${service}:\${AWS::Region}:\${AWS::AccountId}:file-system/*`;
    return {
      properties: { FileSystemConfigs: [{ Arn: arn, LocalMountPath: localMountPath }] },
      statements: [
        {
          Effect: 'Allow',
          Action: [`${service}:ClientMount`, `${service}:ClientWrite`],
          Resource: [{ 'Fn::Sub': systems }],
          Condition: { StringEquals: { [`${service}:AccessPointArn`]: arn } },
        },
      ],
    };
  },
};

/** S3 Files has its own actions: https://docs.aws.amazon.com/service-authorization/latest/reference/list_s3files.html */
function fileServiceOf(arn: Plain, context: SettingContext): 'elasticfilesystem' | 's3files' {
  if (typeof arn === 'string') return arn.split(':')[2] === 's3files' ? 's3files' : 'elasticfilesystem';
  const [reference] = referencesIn(arn);
  const type = reference === undefined ? undefined : context.resourceType(reference.logicalId);
  return type === 'AWS::S3Files::AccessPoint' ? 's3files' : 'elasticfilesystem';
}
