// fx trigger: makes an event source call its function, by sending what the source passes on.
import { randomUUID } from 'node:crypto';
import { FxError } from '../base/error.ts';
import { nearest } from '../base/suggest.ts';
import { compileEventPattern } from '../cfn/event-pattern.ts';
import { busDialect } from '../cfn/event-pattern-language.ts';
import { matchingEvent } from '../cfn/matching-event.ts';
import { liveAlias } from '../cfn/names.ts';
import type { Value } from '../cfn/resource.ts';
import { samples } from '../events/samples/index.ts';
import type { Firing } from '../events/source.ts';
import { sourceContextOf, usesOf } from '../project/event-uses.ts';
import type { Project } from '../project/project.ts';
import { type Context, identify, notDeployed } from './context.ts';

export interface TriggerOptions {
  /** A function, or a resource that an event names. */
  readonly target: string;
  /** The kind of the event, or its number in the function's list, from 1. */
  readonly event: string | undefined;
  /** Undefined: something that fits. */
  readonly data: Buffer | undefined;
  /** The key of an object or of a record, the group of a message, or the path of a request. */
  readonly key: string | undefined;
  /** Of a message. */
  readonly attributes: Readonly<Record<string, string>>;
  /** Where to send, in place of what project.yml names: a name, URL or ARN. */
  readonly to: string | undefined;
}

export interface Triggered {
  readonly function: string;
  /** The event as text, such as `sqs Jobs`. */
  readonly event: string;
  /** `direct`: the function was called with the event, since nothing can make the source fire. */
  readonly to: Firing['to'] | 'direct';
  readonly place: string;
  /** What was sent, as text. */
  readonly data: string;
  /** The id that AWS gave, if it gives one. */
  readonly id?: string;
  /** Set if the event does not match the rule's pattern: it calls nothing. */
  readonly unmatched?: true;
  /** Of a request. */
  readonly response?: { readonly status: number; readonly body: string };
}

interface Candidate {
  readonly function: string;
  readonly physicalName: string;
  readonly kind: string;
  /** From 1, among all events of the function. */
  readonly number: number;
  readonly text: string;
  readonly sample: string;
  readonly firing: Firing | undefined;
}

export async function trigger(project: Project, options: TriggerOptions, context: Context): Promise<Triggered> {
  const candidate = chosen(candidatesOf(project), options);
  const { environment } = project;
  const { account } = await identify(environment, context);
  const stack = await context.aws.stacks.describe(environment.stackName);
  if (stack === undefined) throw notDeployed(environment);
  const told = { function: candidate.function, event: candidate.text };
  if (candidate.firing === undefined) return { ...told, ...(await callDirectly(candidate, options, context)) };
  const place = await placeOf(candidate, options, {
    context,
    stackName: stack.name,
    outputs: stack.outputs,
    pseudo: {
      'AWS::AccountId': account,
      'AWS::Partition': 'aws',
      'AWS::Region': environment.region,
      'AWS::StackName': stack.name,
    },
  });
  return { ...told, to: candidate.firing.to, place, ...(await send(candidate.firing, place, options, context)) };
}

function candidatesOf(project: Project): readonly Candidate[] {
  return Object.entries(project.plugins.sources).flatMap(([kind, source]) => {
    const context = sourceContextOf(project, kind);
    return usesOf(kind, project.functions).map(({ use, from }): Candidate => {
      const settings = project.functions.find(({ name }) => name === use.function.name);
      return {
        function: use.function.name,
        physicalName: settings?.physicalName ?? '',
        kind,
        number: Number(from.at(-1)) + 1,
        text: source.describe(use.config),
        sample: source.sampleOf?.(use.config, context) ?? kind,
        firing: source.fire?.(use, context),
      };
    });
  });
}

/** The logical id that a place refers to. */
function referredTo(place: Value | undefined): string | undefined {
  if (typeof place !== 'object' || place === null || Array.isArray(place)) return undefined;
  const { Ref: id, 'Fn::GetAtt': got } = place as { Ref?: string; 'Fn::GetAtt'?: string | readonly string[] };
  return id ?? (typeof got === 'string' ? got.split('.')[0] : got?.[0]);
}

const placeIn = (firing: Firing | undefined): Value | undefined =>
  firing === undefined || firing.to === 'url' || firing.to === 'device topic' ? undefined : firing.at;

function chosen(all: readonly Candidate[], { target, event }: TriggerOptions): Candidate {
  const named = all.filter((each) => each.function === target || referredTo(placeIn(each.firing)) === target);
  if (named.length === 0) {
    const ids = all.flatMap(({ firing }) => referredTo(placeIn(firing)) ?? []);
    const names = [...new Set([...all.map((each) => each.function), ...ids])];
    const suggestion = nearest(target, names);
    throw new FxError('USAGE', `"${target}" is no function with events, and no resource that an event names`, {
      hint: suggestion === undefined ? `there are: ${names.join(', ') || 'none'}` : `did you mean "${suggestion}"?`,
    });
  }
  const fitting = named.filter((each) => event === undefined || each.kind === event || String(each.number) === event);
  const [first, second] = fitting;
  if (first !== undefined && (second === undefined || first.function !== target)) return first;
  const list = [...named].sort((a, b) => a.number - b.number).map(({ number, text }) => `${number}: ${text}`);
  const wrong = event === undefined ? `"${target}" has several events` : `no single event of "${target}" is ${event}`;
  throw new FxError('USAGE', wrong, { hint: `choose one with --event: ${list.join('; ')}` });
}

async function callDirectly({ physicalName, sample }: Candidate, { data }: TriggerOptions, { aws }: Context) {
  const payload = data?.toString() ?? JSON.stringify(samples[sample]?.event ?? {});
  const state = await aws.functions.alias({ functionName: physicalName, alias: liveAlias });
  if (state === undefined) throw new FxError('NOT_DEPLOYED', `"${physicalName}" is not deployed`);
  const input = { functionName: physicalName, qualifier: liveAlias, payload: Buffer.from(payload) };
  await aws.functions.invoke({ ...input, mode: 'async' });
  return { to: 'direct', place: physicalName, data: payload } as const;
}

async function placeOf(
  { firing, text }: Candidate,
  { to }: TriggerOptions,
  stack: {
    readonly context: Context;
    readonly stackName: string;
    readonly outputs: Readonly<Record<string, string>>;
    /** CloudFormation's own parameters. */
    readonly pseudo: Readonly<Record<string, string>>;
  },
): Promise<string> {
  if (to !== undefined) return to;
  const unknown = (what: string) =>
    new FxError('USAGE', `fx cannot tell where "${text}" gets its events: ${what}`, { hint: 'name it with --to' });
  if (firing?.to === 'url') {
    const url = stack.outputs[firing.output];
    if (url === undefined) throw unknown(`the stack has no output ${firing.output}`);
    return url;
  }
  if (firing?.to === 'device topic') return firing.topic;
  const at = placeIn(firing);
  if (at === undefined || typeof at === 'string') return at ?? 'default';
  const known = substituted(at, stack.pseudo);
  if (known !== undefined) return known;
  const id = referredTo(at);
  if (id === undefined) throw unknown(JSON.stringify(at));
  const resources = await stack.context.aws.stacks.resources(stack.stackName);
  const physicalId = resources.find(({ logicalId }) => logicalId === id)?.physicalId;
  if (physicalId === undefined) throw unknown(`the stack has no ${id} yet`);
  return physicalId;
}

/** A Fn::Sub of nothing but CloudFormation's own parameters. */
function substituted(at: Value, pseudo: Readonly<Record<string, string>>): string | undefined {
  const text = (at as { readonly 'Fn::Sub'?: unknown })['Fn::Sub'];
  if (typeof text !== 'string') return undefined;
  const result = text.replaceAll(/\$\{([^}]+)\}/g, (whole, name: string) => pseudo[name] ?? whole);
  return result.includes('${') ? undefined : result;
}

type Sent = Pick<Triggered, 'data' | 'id' | 'response' | 'unmatched'>;

async function send(firing: Firing, place: string, options: TriggerOptions, context: Context): Promise<Sent> {
  const { sends, objects } = context.aws;
  const { key, attributes } = options;
  const bytes = options.data ?? Buffer.from('{"id":1}');
  const data = bytes.toString();
  switch (firing.to) {
    case 'queue':
      return { data, id: await sends.toQueue(place, { body: data, attributes, group: key }) };
    case 'topic':
      return { data, id: await sends.toTopic(place, { body: data, attributes, group: key }) };
    case 'stream':
      return { data, id: await sends.toStream(place, { data, key: key ?? randomUUID() }) };
    case 'bucket': {
      const name = place.startsWith('arn:') ? (place.split(':').at(-1) ?? '') : place;
      await objects.put(name, key ?? firing.key, bytes, 'application/octet-stream');
      return { data, id: key ?? firing.key };
    }
    case 'device topic':
      await sends.toDeviceTopic(key ?? place, bytes);
      return { data };
    case 'log group':
      await sends.toLogGroup(
        place.replace(/^arn:.*:log-group:/, '').replace(/:\*$/, ''),
        `fx-${randomUUID()}`,
        data,
        new Date(context.now()),
      );
      return { data };
    case 'table': {
      const item = options.data === undefined ? firing.item : objectIn(data, 'an item');
      await sends.toTable(tableOf(place), item);
      return { data: JSON.stringify(item) };
    }
    case 'bus':
      return toBus(firing.pattern, place, options, context);
    case 'url':
      return request(firing, place, options, context);
  }
}

/** A stream's ARN has the table's name. */
const tableOf = (place: string): string => (place.startsWith('arn:') ? (place.split('/')[1] ?? '') : place);

function objectIn(text: string, what: string): Readonly<Record<string, unknown>> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    // the error below says what was expected
  }
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  throw new FxError('USAGE', `${what} is a JSON object, not ${text}`);
}

interface BusEvent {
  readonly source?: string;
  readonly 'detail-type'?: string;
  readonly detail?: unknown;
}

/** An event that the pattern lets through, with the user's detail; or a whole event of the user's. */
async function toBus(pattern: unknown, place: string, { data }: TriggerOptions, { aws }: Context): Promise<Sent> {
  const given = data === undefined ? undefined : (objectIn(data.toString(), 'the detail') as BusEvent);
  const isWhole = given?.source !== undefined && given['detail-type'] !== undefined;
  const made = matchingEvent(pattern as Record<string, unknown>, busDialect) as BusEvent | undefined;
  if (made === undefined && !isWhole) {
    throw new FxError('USAGE', 'fx cannot make up an event that matches the pattern', {
      hint: `give all of it: --data '{"source": "shop", "detail-type": "OrderPlaced", "detail": {}}'`,
    });
  }
  const {
    source = 'fx',
    'detail-type': detailType = 'fx',
    detail = {},
  } = isWhole ? given : { ...made, ...(given === undefined ? {} : { detail: given }) };
  const sent = { source, detailType, detail: JSON.stringify(detail) };
  const bus = place === 'default' ? undefined : place;
  const id = await aws.sends.toBus({ bus, ...sent });
  const event = { source, 'detail-type': detailType, detail };
  const matches = compileEventPattern(pattern, busDialect)(event);
  return { data: JSON.stringify(event), id, ...(matches ? {} : { unmatched: true as const }) };
}

async function request(
  { method, path }: Firing & { readonly to: 'url' },
  url: string,
  { data, key }: TriggerOptions,
  { signal }: Context,
): Promise<Sent> {
  // {id} and {rest+} get a value; a route of any method is a POST
  const filled = key ?? path.replaceAll(/\{[^}]+\}/g, '1');
  const verb = method === 'ANY' || method === '$default' ? 'POST' : method;
  const body = data?.toString() ?? '{"id":1}';
  const hasBody = verb !== 'GET' && verb !== 'HEAD';
  const response = await fetch(`${url.replace(/\/$/, '')}${filled.startsWith('/') ? filled : `/${filled}`}`, {
    method: verb,
    signal,
    ...(hasBody ? { body, headers: { 'content-type': 'application/json' } } : {}),
  });
  return {
    data: hasBody ? body : '',
    response: { status: response.status, body: await response.text() },
  };
}
