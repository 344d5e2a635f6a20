// What agents use besides their tools: memories, browsers and code interpreters.
import type { Plain } from '../../../base/located.ts';
import type { Cursor } from '../../cursor.ts';
import { placeOf } from '../../draft.ts';
import { normalized, type Service, withOurIds } from '../service.ts';
import { capitalized, nameOf, networkOf, settingsOf } from './resource.ts';
import { roleOf, sessionStatements } from './role.ts';

const defaultExpiry = 30;

/** https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-bedrockagentcore-memory.html */
export function memory(service: Service, name: string, cursor: Cursor): string {
  const id = `${normalized(name)}Memory`;
  // only a strategy that calls models needs a role
  const needsRole = cursor.has('role') || cursor.has('strategies');
  const role = needsRole ? roleOf(service, { id: `${id}Role`, cursor, statements: [] }) : undefined;
  const path = ['resources', `${id}Role`, 'Properties', 'ManagedPolicyArns'];
  if (service.draft.has(path.slice(0, 2))) {
    const own = service.draft.get(path);
    service.draft.set(path, [memoryPolicy, ...(Array.isArray(own) ? (own as Plain[]) : [])]);
  }
  add(service, id, 'Memory', cursor, {
    Name: nameOf(service, name),
    EventExpiryDuration: cursor.child('expiration')?.plain() ?? defaultExpiry,
    Description: cursor.child('description')?.plain(),
    EncryptionKeyArn: cursor.child('encryptionKey')?.plain(),
    MemoryExecutionRoleArn: role,
    MemoryStrategies: cursor.child('strategies')?.plain(),
    Tags: cursor.child('tags')?.plain(),
  });
  return id;
}

/** https://docs.aws.amazon.com/bedrock-agentcore/latest/devguide/long-term-configuring-custom-strategies.html */
const memoryPolicy: Plain = {
  'Fn::Sub':
    'arn:${AWS::Partition}:iam::aws:policy/AmazonBedrockAgentCoreMemoryBedrockModelInferenceExecutionRolePolicy',
};

/** https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-bedrockagentcore-browsercustom.html */
export function browser(service: Service, name: string, cursor: Cursor): void {
  const id = `${normalized(name)}Browser`;
  const recording = cursor.child('recording');
  const location = recording?.child('s3Location');
  const bucket = location?.child('bucket')?.plain();
  const prefix = location?.child('prefix')?.plain();
  const record =
    bucket === undefined
      ? []
      : [
          {
            Effect: 'Allow',
            Action: ['s3:PutObject', 's3:ListMultipartUploadParts', 's3:AbortMultipartUpload'],
            Resource: { 'Fn::Join': ['', ['arn:aws:s3:::', bucket, '/', prefix ?? '', '*']] },
          },
        ];
  add(service, id, 'BrowserCustom', cursor, {
    Name: nameOf(service, name),
    NetworkConfiguration: networkOf(cursor.child('network'), 'PUBLIC', 'VpcConfig'),
    ExecutionRoleArn: roleOf(service, { id: `${id}Role`, cursor, statements: [...sessionStatements, ...record] }),
    Description: cursor.child('description')?.plain(),
    BrowserSigning: capitalized(cursor.child('signing')?.plain()),
    RecordingConfig:
      recording === undefined
        ? undefined
        : settingsOf({
            Enabled: recording.child('enabled')?.plain(),
            S3Location: bucket === undefined ? undefined : settingsOf({ Bucket: bucket, Prefix: prefix }),
          }),
    Tags: cursor.child('tags')?.plain(),
  });
}

/** https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-bedrockagentcore-codeinterpretercustom.html */
export function interpreter(service: Service, name: string, cursor: Cursor): void {
  const id = `${normalized(name)}CodeInterpreter`;
  add(service, id, 'CodeInterpreterCustom', cursor, {
    Name: nameOf(service, name),
    NetworkConfiguration: networkOf(cursor.child('network'), 'SANDBOX', 'VpcConfig'),
    ExecutionRoleArn: roleOf(service, { id: `${id}Role`, cursor, statements: sessionStatements }),
    Description: cursor.child('description')?.plain(),
    Tags: cursor.child('tags')?.plain(),
  });
}

function add(
  service: Service,
  id: string,
  type: string,
  cursor: Cursor,
  properties: Readonly<Record<string, Plain | undefined>>,
): void {
  service.draft.set(
    ['resources', id],
    withOurIds(service, { Type: `AWS::BedrockAgentCore::${type}`, Properties: settingsOf(properties) }),
    placeOf(cursor),
  );
  service.draft.carried(placeOf(cursor), `the ${cursor.path.split('.')[1] ?? ''} ${id}`);
}
