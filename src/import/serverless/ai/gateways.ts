// `ai.gateways` and `ai.tools`: gateways of AgentCore, and a target for each tool. Tools without a gateway share one.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Plain } from '../../../base/located.ts';
import { isMap } from '../../../base/plain.ts';
import type { Cursor } from '../../cursor.ts';
import { placeOf } from '../../draft.ts';
import { lookup } from '../../lookup-text.ts';
import { normalized, type Service, withOurIds } from '../service.ts';
import { authorizerOf, settingsOf } from './resource.ts';
import { gatewayStatements, roleOf } from './role.ts';

/** The logical ids of the gateways by their names; the name of the one for all tools is "". */
export function convertGateways(service: Service, ai: Cursor): ReadonlyMap<string, string> {
  const tools = new Map(ai.child('tools')?.entries() ?? []);
  const gateways = ai.child('gateways')?.entries() ?? [];
  const ids = new Map<string, string>();
  const used = new Set<string>();
  if (gateways.length === 0 && tools.size > 0) {
    const [first] = tools.values();
    if (first !== undefined) ids.set('', gateway(service, { name: '', cursor: undefined, tools, at: first }));
  }
  for (const [name, cursor] of gateways) {
    const list = cursor.child('tools')?.items() ?? [];
    const own = new Map<string, Cursor>();
    for (const item of list) {
      const tool = tools.get(item.text() ?? '');
      if (tool !== undefined) own.set(item.text() ?? '', tool);
      else
        service.draft.dropped(placeOf(item), `there is no tool "${item.text() ?? ''}" under ai.tools`, {
          remedy: 'check its name',
        });
    }
    ids.set(name, gateway(service, { name, cursor, tools: own, at: cursor }));
    for (const tool of own.keys()) used.add(tool);
  }
  for (const [tool, cursor] of gateways.length === 0 ? [] : tools) {
    if (used.has(tool)) continue;
    cursor.plain();
    service.draft.dropped(placeOf(cursor), `no gateway has the tool "${tool}"`, { remedy: 'nothing' });
  }
  return ids;
}

interface Gateway {
  readonly name: string;
  /** Its settings; undefined for the one of all tools. */
  readonly cursor: Cursor | undefined;
  readonly tools: ReadonlyMap<string, Cursor>;
  /** Where it is in the source. */
  readonly at: Cursor;
}

/** https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-bedrockagentcore-gateway.html */
function gateway(service: Service, { name, cursor, tools, at }: Gateway): string {
  const { draft } = service;
  const suffix = pascal(name);
  const id = `AgentCoreGateway${suffix}`;
  const functions = [...tools.values()].flatMap((tool) => functionOf(service, tool) ?? []);
  const hasCredentials = [...tools.values()].some((tool) => tool.has('credentials'));
  const statements = gatewayStatements(functions, hasCredentials);
  const authorizer = cursor?.child('authorizer');
  const type = authorizer?.isMap === true ? authorizer.child('type')?.text() : authorizer?.text();
  const protocol = cursor?.child('protocol');
  const mcp = settingsOf({
    SupportedVersions: protocol?.child('supportedVersions')?.plain(),
    Instructions: protocol?.child('instructions')?.plain(),
    SearchType: protocol?.child('searchType')?.text()?.toUpperCase(),
  });
  const properties = settingsOf({
    Name: `${String(draft.get(['name']))}-${name === '' ? 'gateway' : dashed(name)}-${lookup('env')}`,
    AuthorizerType: (type ?? 'AWS_IAM').toUpperCase(),
    AuthorizerConfiguration: authorizerOf(authorizer),
    ProtocolType: (protocol?.child('type')?.text() ?? 'MCP').toUpperCase(),
    ProtocolConfiguration: Object.keys(mcp).length === 0 ? undefined : { Mcp: mcp },
    RoleArn: roleOf(service, { id: `${id}Role`, cursor: cursor ?? at, statements }),
    Description: cursor?.child('description')?.plain(),
    KmsKeyArn: cursor?.child('kmsKey')?.plain(),
    ExceptionLevel: cursor?.child('exceptionLevel')?.text()?.toUpperCase(),
    Tags: cursor?.child('tags')?.plain(),
  });
  draft.set(
    ['resources', id],
    withOurIds(service, { Type: 'AWS::BedrockAgentCore::Gateway', Properties: properties }),
    placeOf(at),
  );
  draft.set(['outputs', `${id}Url`], { 'Fn::GetAtt': [id, 'GatewayUrl'] }, placeOf(at));
  if (cursor !== undefined) draft.carried(placeOf(cursor), `the gateway "${name}"`);
  for (const [tool, settings] of tools) target(service, { tool, cursor: settings, gateway: id, suffix });
  return id;
}

interface Target {
  readonly tool: string;
  readonly cursor: Cursor;
  /** The logical id of its gateway. */
  readonly gateway: string;
  readonly suffix: string;
}

/** https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-bedrockagentcore-gatewaytarget.html */
function target(service: Service, { tool, cursor, gateway, suffix }: Target): void {
  const { draft } = service;
  const id = `${normalized(tool).replace(/[^A-Za-z0-9]/g, '')}Tool${suffix}`;
  const configuration = targetOf(service, cursor);
  const credentials = credentialsOf(cursor.child('credentials'));
  const description = cursor.child('description')?.plain();
  if (configuration === undefined) {
    draft.dropped(placeOf(cursor), `fx does not know the tool "${tool}"`, {
      remedy: 'write it as an AWS::BedrockAgentCore::GatewayTarget under resources',
    });
    return;
  }
  const properties = settingsOf({
    Name: dashed(tool),
    GatewayIdentifier: { 'Fn::GetAtt': [gateway, 'GatewayIdentifier'] },
    CredentialProviderConfigurations: [credentials],
    TargetConfiguration: { Mcp: configuration },
    Description: description,
  });
  draft.set(
    ['resources', id],
    { Type: 'AWS::BedrockAgentCore::GatewayTarget', Properties: properties },
    placeOf(cursor),
  );
  draft.carried(placeOf(cursor), `the tool "${tool}"`);
}

/** The live alias of a function of this service, or the ARN of another. */
function functionOf(service: Service, tool: Cursor): Plain | undefined {
  const own = tool.child('function');
  const arn = own?.child('arn');
  if (arn !== undefined) return withOurIds(service, arn.plain());
  const name = own?.isMap === true ? own.child('name')?.text() : own?.text();
  return name === undefined
    ? undefined
    : withOurIds(service, { 'Fn::GetAtt': [`${normalized(name)}LambdaFunction`, 'Arn'] });
}

function targetOf(service: Service, tool: Cursor): Plain | undefined {
  const lambda = functionOf(service, tool);
  if (lambda !== undefined) {
    const schema = tool.child('toolSchema');
    const file = schema?.text();
    const written = file === undefined ? schema?.plain() : toolsIn(contentOf(service, schema));
    const payload = [written ?? []].flat().map((item) => toolSchema(item as Plain));
    return { Lambda: { LambdaArn: lambda, ToolSchema: { InlinePayload: payload } } };
  }
  const server = tool.child('mcp');
  if (server !== undefined) return { McpServer: { Endpoint: server.plain() } };
  for (const [key, type] of [
    ['openapi', 'OpenApiSchema'],
    ['smithy', 'SmithyModel'],
  ] as const) {
    const model = tool.child(key);
    if (model !== undefined) return { [type]: { InlinePayload: contentOf(service, model) ?? null } };
  }
  return undefined;
}

/** A text in place, or that of the file it names. */
function contentOf({ draft, folder }: Service, cursor: Cursor | undefined): string | undefined {
  const text = cursor?.text();
  if (cursor === undefined || text === undefined || !/^[^\n{]*(\/|\.(ya?ml|json|smithy)$)/.test(text)) return text;
  const file = join(folder, text);
  if (existsSync(file)) return readFileSync(file, 'utf8');
  draft.dropped(placeOf(cursor), `${text} is not here`, { remedy: 'write its text in the place of its name' });
  return text;
}

function toolsIn(text: string | undefined): Plain {
  try {
    return JSON.parse(text ?? '') as Plain;
  } catch (error) {
    if (error instanceof SyntaxError) return [];
    throw error;
  }
}

function toolSchema(tool: Plain): Plain {
  if (!isMap(tool)) return tool;
  const { name, description, inputSchema, outputSchema } = tool as Record<string, Plain>;
  return settingsOf({
    Name: name,
    Description: description,
    InputSchema: jsonSchema(inputSchema),
    OutputSchema: jsonSchema(outputSchema),
  });
}

/** A JSON schema with the keys of CloudFormation; the names of properties stay. */
function jsonSchema(schema: Plain | undefined): Plain | undefined {
  if (schema === undefined || !isMap(schema)) return schema;
  const { type, description, properties, required, items } = schema as Record<string, Plain>;
  return settingsOf({
    Type: type,
    Description: description,
    Properties: isMap(properties ?? null)
      ? Object.fromEntries(
          Object.entries(properties as Record<string, Plain>).map(([key, value]) => [key, jsonSchema(value) ?? null]),
        )
      : undefined,
    Required: required,
    Items: jsonSchema(items),
  });
}

function credentialsOf(credentials: Cursor | undefined): Plain {
  const type = (credentials?.child('type')?.text() ?? 'GATEWAY_IAM_ROLE').toUpperCase();
  const text = (key: string) => credentials?.child(key)?.text()?.toUpperCase();
  const plain = (key: string) => credentials?.child(key)?.plain();
  if (type === 'OAUTH') {
    const provider = settingsOf({
      ProviderArn: plain('provider') ?? null,
      Scopes: plain('scopes') ?? [],
      GrantType: text('grantType'),
      DefaultReturnUrl: plain('defaultReturnUrl'),
      CustomParameters: plain('customParameters'),
    });
    return { CredentialProviderType: type, CredentialProvider: { OauthCredentialProvider: provider } };
  }
  if (type === 'API_KEY') {
    const provider = settingsOf({
      ProviderArn: plain('provider') ?? null,
      CredentialLocation: text('location'),
      CredentialParameterName: plain('parameterName'),
      CredentialPrefix: plain('prefix'),
    });
    return { CredentialProviderType: type, CredentialProvider: { ApiKeyCredentialProvider: provider } };
  }
  return { CredentialProviderType: type };
}

/** Letters, digits and single dashes. */
const dashed = (name: string) => name.replace(/[^0-9A-Za-z]+/g, '-').replace(/^-|-$/g, '');

const pascal = (name: string) =>
  name
    .split(/[^A-Za-z0-9]+/)
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
    .join('');
