// Checks the members that many requests share, and reads the template of a request.
import { AwsError, type Cloud } from '../cloud.ts';
import { trusts } from '../role-trust.ts';
import type { ParameterValues } from './parameters.ts';
import { resolveParameters } from './parameters.ts';
import { invalid, unsupported } from './problem.ts';
import type { CloudFormation } from './sdk.ts';
import type { Stack } from './stack.ts';
import { readTemplate } from './template.ts';

// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html
const bodyLimit = 51_200;
const urlLimit = 1_048_576;
const tagLimit = 50;

interface TemplateSource {
  readonly TemplateBody?: string | undefined;
  readonly TemplateURL?: string | undefined;
  readonly UsePreviousTemplate?: boolean | undefined;
}

/** The text of the template; `previous` is for `UsePreviousTemplate`. */
export async function templateText(cloud: Cloud, input: TemplateSource, previous?: string): Promise<string> {
  const { TemplateBody: body, TemplateURL: url, UsePreviousTemplate: usePrevious } = input;
  if ([body, url, usePrevious === true ? '' : undefined].filter((source) => source !== undefined).length !== 1) {
    throw invalid('Either Template URL or Template Body must be specified.');
  }
  if (usePrevious === true) {
    if (previous === undefined) throw invalid('There is no previous template to use.');
    return previous;
  }
  if (body !== undefined) {
    if (body.length === 0) {
      throw constraint(body, 'templateBody', 'Member must have length greater than or equal to 1');
    }
    if (Buffer.byteLength(body) > bodyLimit) {
      throw constraint(body, 'templateBody', `Member must have length less than or equal to ${bodyLimit}`);
    }
    return body;
  }
  const text = await fetchDocument(cloud, url ?? '', 'TemplateURL');
  if (Buffer.byteLength(text) > urlLimit) throw invalid(`Template may not exceed ${urlLimit} bytes in size.`);
  return text;
}

/** Fetches a document from S3 by its path-style or virtual-hosted URL, the value of that member of the request. */
export async function fetchDocument(cloud: Cloud, text: string, member: string): Promise<string> {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol === 's3:') {
    throw invalid(`S3 error: Domain name specified in ${url.hostname} is not a valid S3 domain`);
  }
  const location = url === undefined ? undefined : s3Location(cloud, url);
  if (location === undefined) throw invalid(`${member} must be a supported URL.`);
  try {
    const { Body } = await cloud.call('s3', 'GetObject', location);
    return new TextDecoder().decode(await bytesOf(Body));
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    throw invalid(
      `S3 error: ${error.message}\nFor more information check http://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html`,
    );
  }
}

async function bytesOf(body: unknown): Promise<Uint8Array> {
  if (body instanceof Uint8Array) return body;
  const chunks: Uint8Array[] = [];
  for await (const chunk of body as AsyncIterable<Uint8Array>) chunks.push(chunk);
  return Buffer.concat(chunks);
}

function s3Location(cloud: Cloud, url: URL): { Bucket: string; Key: string; VersionId?: string } | undefined {
  const versionId = url.searchParams.get('versionId');
  const version = versionId === null ? {} : { VersionId: versionId };
  const path = decodeURIComponent(url.pathname.slice(1));
  const isPathStyle = isOwnHost(cloud, url) || /^s3[.-]([a-z0-9-]+\.)?amazonaws\.com$/.test(url.hostname);
  if (isPathStyle) {
    const slash = path.indexOf('/');
    return slash < 1 ? undefined : { Bucket: path.slice(0, slash), Key: path.slice(slash + 1), ...version };
  }
  const bucket = /^(.+)\.s3[.-]([a-z0-9-]+\.)?amazonaws\.com$/.exec(url.hostname)?.[1];
  return bucket === undefined || path === '' ? undefined : { Bucket: bucket, Key: path, ...version };
}

/** A client writes the URL with the endpoint it was given: another name of this machine, or a proxy's port. */
function isOwnHost(cloud: Cloud, { host, hostname }: URL): boolean {
  return host === new URL(cloud.endpoint).host || /^(127\.0\.0\.1|\[::1\]|localhost)$/.test(hostname);
}

function constraint(value: string, member: string, problem: string): AwsError {
  return invalid(
    `1 validation error detected: Value '${value}' at '${member}' failed to satisfy constraint: ${problem}`,
  );
}

export function checkStackName(name: string | undefined): string {
  const text = name ?? '';
  if (!/^[a-zA-Z][-a-zA-Z0-9]*$/.test(text)) {
    throw constraint(text, 'stackName', 'Member must satisfy regular expression pattern: [a-zA-Z][-a-zA-Z0-9]*');
  }
  if (text.length > 128) throw constraint(text, 'stackName', 'Member must have length less than or equal to 128');
  return text;
}

export function checkChangeSetName(name: string | undefined): string {
  const text = name ?? '';
  if (!/^[a-zA-Z][-a-zA-Z0-9]*$/.test(text)) {
    throw constraint(text, 'changeSetName', 'Member must satisfy regular expression pattern: [a-zA-Z][-a-zA-Z0-9]*');
  }
  if (text.length > 128) throw constraint(text, 'changeSetName', 'Member must have length less than or equal to 128');
  return text;
}

type Triggers = Pick<
  CloudFormation.CreateStackCommandInput,
  'DeploymentConfig' | 'RollbackConfiguration' | 'NotificationARNs'
>;

/** Refuses values that the local AWS would have to ignore: it watches no alarms, and sends no notifications. */
export function refuseUnsupported({ RollbackConfiguration, NotificationARNs }: Triggers): void {
  if (RollbackConfiguration?.RollbackTriggers?.length)
    throw unsupported('the setting RollbackConfiguration with alarms');
  if (NotificationARNs?.length) throw unsupported('the setting NotificationARNs with topics');
}

/** The settings that the stack takes from a request. */
export function settingsOf({ RollbackConfiguration, DeploymentConfig }: Triggers) {
  return {
    monitoringMinutes: RollbackConfiguration?.MonitoringTimeInMinutes,
    ...(DeploymentConfig?.Mode === undefined ? {} : { mode: DeploymentConfig.Mode }),
  };
}

export function checkTags(tags: readonly CloudFormation.Tag[]): CloudFormation.Tag[] {
  if (tags.length > tagLimit) {
    throw invalid(
      `1 validation error detected: Value at 'tags' failed to satisfy constraint: Member must have length less than or equal to ${tagLimit}`,
    );
  }
  for (const { Key: key = '' } of tags) {
    if (key.toLowerCase().startsWith('aws:')) {
      throw invalid(`1 validation error detected: Tag key '${key}' uses the reserved prefix aws:`);
    }
  }
  return tags.map(({ Key, Value }) => ({ Key, Value }));
}

/** The values of a request's parameters, checked against the template's declarations. */
export function parametersOf(
  text: string,
  requested: readonly CloudFormation.Parameter[] | undefined,
  previous: ParameterValues,
): ParameterValues {
  return resolveParameters(readTemplate(text).parameters, requested, previous);
}

/** Whether this repeats an earlier request, which gets the same response and has no effect. */
export function isRepeated(stack: Stack, kind: Stack['operation']['kind'], token: string | undefined): boolean {
  if (token === undefined || stack.operation.token !== token) return false;
  if (stack.operation.kind === kind) return true;
  throw new AwsError(
    'TokenAlreadyExistsException',
    `Client request token ${token} has already been used for another operation`,
  );
}

/** An entry is a type, or a prefix of types followed by `::*`. */
export function checkResourceTypes(text: string, allowed: readonly string[] | undefined): void {
  if (allowed === undefined) return;
  for (const { type } of Object.values(readTemplate(text).resources)) {
    const isAllowed = allowed.some((entry) =>
      entry.endsWith('::*') ? type.startsWith(entry.slice(0, -1)) : type === entry,
    );
    if (isAllowed) continue;
    throw invalid(`Resource type ${type} is not allowed by parameter ResourceTypes [${allowed.join(', ')}]`);
  }
}

/** The role is only recorded: the account's user makes the calls for a stack. */
export async function checkServiceRole(cloud: Cloud, arn: string | undefined): Promise<void> {
  if (arn === undefined || (await trusts(cloud, arn, 'cloudformation.amazonaws.com'))) return;
  throw invalid(`Role ${arn} is invalid or cannot be assumed`);
}
