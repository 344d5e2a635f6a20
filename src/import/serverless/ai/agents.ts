// `ai` of version 4 → agents, memories, gateways with their tools, browsers and code interpreters of Bedrock AgentCore, as plain
// CloudFormation. The code of an agent is what fx does not build, so its image is a param.
import type { Plain } from '../../../base/located.ts';
import type { Cursor } from '../../cursor.ts';
import { type Path, placeOf } from '../../draft.ts';
import { lookup } from '../../lookup-text.ts';
import { normalized, type Service, withOurIds } from '../service.ts';
import { placeholder } from '../variables.ts';
import { browser, interpreter, memory } from './capabilities.ts';
import { convertGateways } from './gateways.ts';
import { authorizerOf, nameOf, networkOf, settingsOf } from './resource.ts';
import { agentStatements, type Reach, roleOf } from './role.ts';

export function convertAi(service: Service, ai: Cursor): void {
  const gateways = convertGateways(service, ai);
  for (const [name, cursor] of ai.child('memory')?.entries() ?? []) memory(service, name, cursor);
  for (const [name, cursor] of ai.child('browsers')?.entries() ?? []) browser(service, name, cursor);
  for (const [name, cursor] of ai.child('codeInterpreters')?.entries() ?? []) interpreter(service, name, cursor);
  for (const [name, cursor] of ai.child('agents')?.entries() ?? []) agent(service, { name, cursor, gateways });
}

interface Agent {
  readonly name: string;
  readonly cursor: Cursor;
  /** The logical ids of the gateways by their names; that of the one for all tools has the name "". */
  readonly gateways: ReadonlyMap<string, string>;
}

/** https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-bedrockagentcore-runtime.html */
function agent(service: Service, { name, cursor, gateways }: Agent): void {
  const { draft } = service;
  const id = `${normalized(name)}Runtime`;
  const { artifact, code, path, told } = artifactOf(service, name, cursor);
  const reach: Reach = {
    memory: memoryOf(service, name, cursor),
    gateway: gateways.get(cursor.child('gateway')?.text() ?? ''),
    code,
  };
  const variables = {
    ...(cursor.child('environment')?.plain() as Record<string, Plain> | undefined),
    ...(reach.memory === undefined
      ? {}
      : { BEDROCK_AGENTCORE_MEMORY_ID: { 'Fn::GetAtt': [reach.memory, 'MemoryId'] } }),
    ...(reach.gateway === undefined
      ? {}
      : { BEDROCK_AGENTCORE_GATEWAY_URL: { 'Fn::GetAtt': [reach.gateway, 'GatewayUrl'] } }),
  };
  const protocol = cursor.child('protocol');
  const kind = protocol?.isMap === true ? protocol.child('type')?.text() : protocol?.text();
  const headers = cursor.child('requestHeaders')?.child('allowlist')?.plain();
  const lifecycle = cursor.child('lifecycle');
  const limits = {
    IdleRuntimeSessionTimeout: lifecycle?.child('idleRuntimeSessionTimeout')?.plain(),
    MaxLifetime: lifecycle?.child('maxLifetime')?.plain(),
  };
  const role = roleOf(service, { id: `${id}Role`, cursor, statements: agentStatements(reach) });
  const properties = settingsOf({
    AgentRuntimeName: nameOf(service, name),
    RoleArn: role,
    AgentRuntimeArtifact: artifact,
    NetworkConfiguration: networkOf(cursor.child('network'), 'PUBLIC', 'NetworkModeConfig'),
    Description: cursor.child('description')?.plain(),
    ProtocolConfiguration: kind?.toUpperCase(),
    AuthorizerConfiguration: authorizerOf(cursor.child('authorizer')),
    LifecycleConfiguration: lifecycle === undefined ? undefined : settingsOf(limits),
    RequestHeaderConfiguration: headers === undefined ? undefined : { RequestHeaderAllowlist: headers },
    EnvironmentVariables: Object.keys(variables).length === 0 ? undefined : variables,
    Tags: cursor.child('tags')?.plain(),
  });
  draft.set(
    ['resources', id],
    withOurIds(service, { Type: 'AWS::BedrockAgentCore::Runtime', Properties: properties }),
    placeOf(cursor),
  );
  draft.set(['outputs', `${id}Arn`], { 'Fn::GetAtt': [id, 'AgentRuntimeArn'] }, placeOf(cursor));
  endpoints(service, id, cursor);
  if (told === undefined) draft.carried(placeOf(cursor), `the agent "${name}"`);
  else draft.dropped(placeOf(cursor), `fx does not build the agent "${name}"`, { remedy: told, beside: path });
}

/** The logical id of an agent's memory: one of its own, or one that agents share. */
function memoryOf(service: Service, name: string, agent: Cursor): string | undefined {
  const cursor = agent.child('memory');
  if (cursor === undefined) return undefined;
  const shared = cursor.text();
  return shared === undefined ? memory(service, `${name}-memory`, cursor) : `${normalized(shared)}Memory`;
}

interface Artifact {
  readonly artifact: Plain;
  /** The ARN of code that is no image. */
  readonly code: Plain | undefined;
  /** Where project.yml says what is to be done, and that; undefined if the artifact exists. */
  readonly path: Path;
  readonly told: string | undefined;
}

/** An image or code that exists, or a param in the place of what the Serverless Framework would build. */
function artifactOf(service: Service, name: string, agent: Cursor): Artifact {
  const { draft } = service;
  const artifact = agent.child('artifact');
  const image = artifact?.child('image');
  const uri = image?.isMap === true ? image.child('uri') : image;
  const existing = artifact?.child('s3');
  const handler = agent.child('handler');
  const runtime = (agent.child('runtime')?.text() ?? 'python3.13')
    .toUpperCase()
    .replace(/^PYTHON(\d)\.(\d+)$/, 'PYTHON_$1_$2');
  const path = ['resources', `${normalized(name)}Runtime`];
  const isFree = (key: string) => !draft.has(['params', key]);
  const param = (what: string, about: string): string => {
    const base = `${name.replace(/[^A-Za-z0-9]/g, '')}${what}`;
    const key = [base, `${base}2`].find(isFree) ?? base;
    draft.set(['params', key], placeholder);
    draft.comment(['params', key], about);
    return key;
  };
  agent.child('package')?.plain();
  if (uri !== undefined) {
    return {
      artifact: { ContainerConfiguration: { ContainerUri: uri.plain() } },
      code: undefined,
      path,
      told: undefined,
    };
  }
  if (existing !== undefined || handler !== undefined) {
    const bucket = existing?.child('bucket')?.plain();
    const key = existing?.child('key')?.plain();
    const version = existing?.child('versionId')?.plain();
    const entry = handler?.plain() ?? artifact?.child('entryPoint')?.plain() ?? 'main.py';
    const params =
      bucket === undefined || key === undefined
        ? {
            bucket: param('Bucket', `The bucket that has the code of the agent "${name}"`),
            key: param('Key', `The key of the zip with the code of the agent "${name}" and its packages for arm64`),
          }
        : undefined;
    const s3 =
      params === undefined
        ? { Bucket: bucket ?? null, Prefix: key ?? null, ...(version === undefined ? {} : { VersionId: version }) }
        : { Bucket: lookup(`params.${params.bucket}`), Prefix: lookup(`params.${params.key}`) };
    return {
      artifact: { CodeConfiguration: { Code: { S3: s3 }, Runtime: runtime, EntryPoint: [entry].flat() } },
      code: { 'Fn::Join': ['', ['arn:aws:s3:::', s3.Bucket, '/', s3.Prefix]] },
      path,
      told:
        params === undefined
          ? undefined
          : `zip its code with its packages, and set params.${params.bucket} and params.${params.key}`,
    };
  }
  image?.plain();
  const key = param(
    'Image',
    `The container image of the agent "${name}", for arm64, such as 111122223333.dkr.ecr.….amazonaws.com/agent:1`,
  );
  return {
    artifact: { ContainerConfiguration: { ContainerUri: lookup(`params.${key}`) } },
    code: undefined,
    path,
    told: `build and push its image for arm64, and set params.${key}`,
  };
}

/** `endpoints`: names for versions of an agent. */
function endpoints({ draft }: Service, id: string, agent: Cursor): void {
  for (const endpoint of agent.child('endpoints')?.items() ?? []) {
    const name = endpoint.child('name')?.text() ?? 'default';
    const properties = settingsOf({
      AgentRuntimeId: { 'Fn::GetAtt': [id, 'AgentRuntimeId'] },
      Name: name,
      AgentRuntimeVersion: endpoint.child('version')?.plain(),
      Description: endpoint.child('description')?.plain(),
    });
    draft.set(
      ['resources', `${id}${normalized(name)}Endpoint`.replace(/[^A-Za-z0-9]/g, '')],
      { Type: 'AWS::BedrockAgentCore::RuntimeEndpoint', Properties: properties },
      placeOf(endpoint),
    );
  }
}
