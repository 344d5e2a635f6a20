// The roles of AgentCore's resources: what the Serverless Framework lets each do, and the statements of the user.
import type { Plain } from '../../../base/located.ts';
import { isMap } from '../../../base/plain.ts';
import type { Cursor } from '../../cursor.ts';
import { placeOf } from '../../draft.ts';
import { isIntrinsic } from '../lambda.ts';
import { type Service, withOurIds } from '../service.ts';
import { settingsOf } from './resource.ts';

/** What an agent uses. */
export interface Reach {
  /** Logical ids. */
  readonly memory: string | undefined;
  readonly gateway: string | undefined;
  /** The ARN of its code, if that is no image. */
  readonly code: Plain | undefined;
}

type Statement = Record<string, Plain>;
const sub = (text: string): Plain => ({ 'Fn::Sub': text });
const allow = (Action: readonly string[], Resource: Plain): Statement => ({
  Effect: 'Allow',
  Action: [...Action],
  Resource,
});
const here = 'arn:${AWS::Partition}:bedrock-agentcore:${AWS::Region}:${AWS::AccountId}';
const managed = 'arn:${AWS::Partition}:bedrock-agentcore:${AWS::Region}:aws';

const logs = allow(
  ['logs:CreateLogGroup', 'logs:CreateLogStream', 'logs:PutLogEvents'],
  sub('arn:${AWS::Partition}:logs:${AWS::Region}:${AWS::AccountId}:log-group:/aws/bedrock-agentcore/*'),
);

/** https://docs.aws.amazon.com/bedrock-agentcore/latest/devguide/runtime-permissions.html */
export function agentStatements({ memory, gateway, code }: Reach): readonly Statement[] {
  return [
    logs,
    allow(
      ['logs:DescribeLogGroups', 'logs:DescribeLogStreams'],
      sub('arn:${AWS::Partition}:logs:${AWS::Region}:${AWS::AccountId}:log-group:*'),
    ),
    code === undefined
      ? allow(
          ['ecr:BatchGetImage', 'ecr:GetDownloadUrlForLayer'],
          sub('arn:${AWS::Partition}:ecr:${AWS::Region}:${AWS::AccountId}:repository/*'),
        )
      : allow(['s3:GetObject', 's3:GetObjectVersion'], code),
    allow(
      ['bedrock:InvokeModel', 'bedrock:InvokeModelWithResponseStream', 'bedrock:GetInferenceProfile'],
      ['foundation-model', 'inference-profile', 'application-inference-profile', 'provisioned-model'].map((kind) =>
        sub(`arn:\${AWS::Partition}:bedrock:*:*:${kind}/*`),
      ),
    ),
    allow(
      [
        ...(code === undefined ? ['ecr:GetAuthorizationToken'] : []),
        'aws-marketplace:ViewSubscriptions',
        'aws-marketplace:Subscribe',
        'xray:PutTraceSegments',
        'xray:PutTelemetryRecords',
        'xray:GetSamplingRules',
        'xray:GetSamplingTargets',
        'cloudwatch:PutMetricData',
      ],
      '*',
    ),
    allow(['bedrock-agentcore:*Browser*'], sub(`${managed}:browser/*`)),
    allow(['bedrock-agentcore:*CodeInterpreter*'], sub(`${managed}:code-interpreter/*`)),
    ...(memory === undefined
      ? []
      : [
          allow(
            [
              'bedrock-agentcore:*Event*',
              'bedrock-agentcore:ListSessions',
              'bedrock-agentcore:ListActors',
              'bedrock-agentcore:RetrieveMemoryRecords',
              'bedrock-agentcore:ListMemoryRecords',
              'bedrock-agentcore:GetMemory*',
            ],
            { 'Fn::GetAtt': [memory, 'MemoryArn'] },
          ),
        ]),
    ...(gateway === undefined
      ? []
      : [allow(['bedrock-agentcore:InvokeGateway'], { 'Fn::GetAtt': [gateway, 'GatewayArn'] })]),
  ];
}

/** A gateway calls the functions of its tools, and gets the tokens that others ask for.
 * https://docs.aws.amazon.com/bedrock-agentcore/latest/devguide/gateway-outbound-auth.html */
export function gatewayStatements(functions: readonly Plain[], hasCredentials: boolean): readonly Statement[] {
  return [
    logs,
    ...(functions.length === 0 ? [] : [allow(['lambda:InvokeFunction'], [...functions])]),
    ...(hasCredentials
      ? [
          allow(
            [
              'bedrock-agentcore:GetWorkloadAccessToken',
              'bedrock-agentcore:GetWorkloadAccessTokenForJWT',
              'bedrock-agentcore:GetResourceOauth2Token',
              'bedrock-agentcore:GetResourceApiKey',
            ],
            [sub(`${here}:workload-identity-directory/*`), sub(`${here}:token-vault/*`)],
          ),
          allow(
            ['secretsmanager:GetSecretValue'],
            sub(
              'arn:${AWS::Partition}:secretsmanager:${AWS::Region}:${AWS::AccountId}:secret:bedrock-agentcore-identity*',
            ),
          ),
        ]
      : []),
  ];
}

/** What a browser or an interpreter may do. */
export const sessionStatements: readonly Statement[] = [logs];

interface RoleOptions {
  /** Its logical id, if fx makes it. */
  readonly id: string;
  /** What has `role`. */
  readonly cursor: Cursor;
  readonly statements: readonly Statement[];
}

/** The ARN of the role: one that exists, or one with what the user adds. */
export function roleOf(service: Service, { id, cursor, statements }: RoleOptions): Plain {
  const { draft } = service;
  const role = cursor.child('role');
  const written = role?.isMap === true && !isIntrinsicRole(role) ? undefined : role?.plain();
  if (typeof written === 'string') return written.startsWith('arn:') ? written : { 'Fn::GetAtt': [written, 'Arn'] };
  if (written !== undefined) return written;
  const own = role?.child('statements');
  const more = own === undefined ? [] : [withOurIds(service, own.plain())].flat().filter((item) => isMap(item));
  const tags = role?.child('tags')?.plain();
  const all = [...statements, ...more] as Plain[];
  const properties = settingsOf({
    RoleName: role?.child('name')?.plain(),
    AssumeRolePolicyDocument: {
      Version: '2012-10-17',
      Statement: [
        {
          Effect: 'Allow',
          Principal: { Service: 'bedrock-agentcore.amazonaws.com' },
          Action: 'sts:AssumeRole',
          Condition: { StringEquals: { 'aws:SourceAccount': { Ref: 'AWS::AccountId' } } },
        },
      ],
    },
    ManagedPolicyArns: role?.child('managedPolicies')?.plain(),
    PermissionsBoundary: role?.child('permissionsBoundary')?.plain(),
    Policies:
      all.length === 0
        ? undefined
        : [{ PolicyName: 'agentcore', PolicyDocument: { Version: '2012-10-17', Statement: all } }],
    Tags: isMap(tags ?? null) ? Object.entries(tags as Statement).map(([Key, Value]) => ({ Key, Value })) : undefined,
  });
  draft.set(
    ['resources', id],
    withOurIds(service, { Type: 'AWS::IAM::Role', Properties: properties }),
    placeOf(role ?? cursor),
  );
  return { 'Fn::GetAtt': [id, 'Arn'] };
}

const isIntrinsicRole = (role: Cursor) => isIntrinsic(Object.fromEntries(role.keys().map((key) => [key, key])));
