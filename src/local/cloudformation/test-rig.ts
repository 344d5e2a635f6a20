// For tests: a CloudFormation service on an in-memory local AWS, with a resource type that only records its calls.
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { packagedFile, packageFolder } from '../../base/packaged.ts';
import { Addresses } from '../addresses.ts';
import { Arrivals } from '../arrivals.ts';
import { createBlobs } from '../blobs.ts';
import type { AdjustableClock } from '../clock.ts';
import type { Cloud, Input, OperationName, Output, Request } from '../cloud.ts';
import { startTestAws, testClock } from '../fixture.ts';
import { Following } from '../following.ts';
import { perform } from '../operation.ts';
import { Pauses } from '../pauses.ts';
import { Store } from '../store.ts';
import { type CloudFormationService, createCloudFormation } from './index.ts';
import type { Step } from './physical-resource.ts';
import { HandlerError, type Provider } from './resources/provider.ts';
import type { Properties } from './stack.ts';

export interface Rig extends AsyncDisposable {
  readonly cloud: Cloud;
  readonly clock: AdjustableClock;
  readonly service: CloudFormationService;
  /** The existing physical resources, by id. */
  readonly things: Map<string, Properties>;
  /** The calls on them, in order. */
  readonly log: string[];
  /** Set by tests: fails the steps for which it returns a reason. */
  failAt: ((step: Step) => string | undefined | Promise<string | undefined>) | undefined;
  call<O extends OperationName<'cloudformation'>>(
    operation: O,
    input: Input<'cloudformation', O>,
  ): Promise<Output<'cloudformation', O>>;
  /** Calls, and waits until no operation is in progress. */
  run<O extends OperationName<'cloudformation'>>(
    operation: O,
    input: Input<'cloudformation', O>,
  ): Promise<Output<'cloudformation', O>>;
  status(stack: string): Promise<string>;
  /** `Logical STATUS reason`, oldest first; with 'last', only those of the last operation. */
  events(stack: string, which?: 'last'): Promise<string[]>;
}

const request: Request = { principal: { kind: 'user' }, requestId: 'test', signal: new AbortController().signal };

/** Extracts the resource schemas once for a checkout; the build does it otherwise. */
export function ensureSchemas(): void {
  if (existsSync(packagedFile('resource-schemas/AWS-CloudFormation.json.br'))) return;
  execFileSync(process.execPath, [join(packageFolder(), 'scripts/extract-resource-schemas.mjs')]);
}

/** With a folder, the state is saved in it and there are no other services; the test keeps the things itself. */
export async function startRig(folder?: string, things = new Map<string, Properties>()): Promise<Rig> {
  ensureSchemas();
  const { cloud, clock, end } = await (folder === undefined ? startCloud() : cloudInFolder(folder));
  const log: string[] = [];
  const service = createCloudFormation(cloud, {
    providers: { 'Test::Fx::Thing': thingProvider(things, log) },
    failAt: (step) => rig.failAt?.(step),
  });
  await service.start?.();
  const call: Rig['call'] = async (operation, input) => {
    return (await perform(cloud, service, { service: 'cloudformation', name: operation }, { input, request })) as never;
  };
  const rig: Rig = {
    cloud,
    clock,
    service,
    things,
    log,
    failAt: undefined,
    call,
    run: async (operation, input) => {
      const output = await call(operation, input);
      await service.settled();
      return output;
    },
    status: async (stack) => {
      const { Stacks } = await call('DescribeStacks', { StackName: stack });
      const [described] = Stacks ?? [];
      return `${described?.StackStatus}${described?.StackStatusReason === undefined ? '' : ` ${described.StackStatusReason}`}`;
    },
    events: async (stack, which) => {
      const { StackEvents = [] } = await call('DescribeStackEvents', { StackName: stack });
      const last = StackEvents[0]?.OperationId;
      return StackEvents.filter(({ OperationId }) => which === undefined || OperationId === last)
        .toReversed()
        .map(({ LogicalResourceId, ResourceStatus, ResourceStatusReason }) =>
          [LogicalResourceId, ResourceStatus, ResourceStatusReason].filter(Boolean).join(' '),
        );
    },
    [Symbol.asyncDispose]: async () => {
      await service.stop?.();
      await end();
    },
  };
  return rig;
}

interface StartedCloud {
  readonly cloud: Cloud;
  readonly clock: AdjustableClock;
  end(): Promise<void>;
}

async function startCloud(): Promise<StartedCloud> {
  const clock = testClock();
  const aws = await startTestAws({ clock });
  return { cloud: await aws.cloud('eu-west-1'), clock, end: () => aws.stop() };
}

/** A region without services: the host's own CloudFormation would resume the stacks of this one. */
async function cloudInFolder(folder: string): Promise<StartedCloud> {
  const store = new Store(join(folder, 'state'));
  const clock = testClock();
  const cloud: Cloud = {
    accountId: '000000000000',
    region: 'eu-west-1',
    endpoint: 'http://127.0.0.1:1',
    directory: folder,
    codeDirectory: folder,
    blobs: createBlobs(join(folder, 'blobs')),
    arrivals: new Arrivals(),
    addresses: new Addresses(),
    following: new Following(),
    pauses: new Pauses(),
    collection: (name) => store.collection(name),
    globalCollection: (name) => store.collection(`global-${name}`),
    now: () => clock.now(),
    after: (ms, run) => clock.after(ms, run),
    skew: () => clock.skew(),
    credentialsFor: () => {
      throw new Error('there are no functions here');
    },
    principalOf: () => ({ kind: 'user' }),
    inRegion: (name) => {
      throw new Error(`there is no region ${name} here`);
    },
    call: async (service, operation) => {
      throw new Error(`there is no ${service}:${operation} here`);
    },
  };
  return { cloud, clock, end: async () => store.close() };
}

function thingProvider(things: Map<string, Properties>, log: string[]): Provider {
  const attributes = (physicalId: string, properties: Properties) => ({
    Arn: `arn:test:${physicalId}`,
    Size: String(properties['Size'] ?? 0),
  });
  return {
    service: 'Test',
    properties: ['Name', 'Size', 'Kind', 'Links', 'Tags', 'Text'],
    name: { property: 'Name', limit: 40 },
    schema: {
      properties: {
        Name: { type: 'string', replaces: 'yes' },
        Kind: { type: 'string', replaces: 'yes' },
        Size: { type: 'integer' },
        Text: { type: 'string' },
        Links: { type: { list: 'string' } },
        Tags: { type: { list: 'tag' } },
        Untold: { type: 'string' },
      },
      attributes: ['Arn', 'Size'],
      tags: { property: 'Tags', variant: 'standard' },
    },
    async create({ name, properties, logicalId }) {
      if (things.has(name)) throw new HandlerError('AlreadyExists', `${name} already exists`);
      things.set(name, properties);
      log.push(`create ${logicalId}`);
      return { physicalId: name, attributes: attributes(name, properties) };
    },
    async update({ physicalId, after, changed, logicalId }) {
      if (!things.has(physicalId)) throw new HandlerError('NotFound', `${physicalId} does not exist`);
      things.set(physicalId, after);
      log.push(`update ${logicalId} ${[...changed].join(',')}`);
      return { physicalId, attributes: attributes(physicalId, after) };
    },
    async delete({ physicalId, logicalId }) {
      if (!things.delete(physicalId)) throw new HandlerError('NotFound', `${physicalId} does not exist`);
      log.push(`delete ${logicalId}`);
    },
  };
}

/** A resource of the test-only type. */
export function thing(properties: object = {}, attributes: object = {}): object {
  return { Type: 'Test::Fx::Thing', Properties: properties, ...attributes };
}

export function template(resources: object, sections: object = {}): string {
  return JSON.stringify({ Resources: resources, ...sections });
}

/** Events as expected; those of an inner list come in any order. */
export function expectEvents(actual: readonly string[], expected: readonly (string | readonly string[])[]): void {
  let at = 0;
  const grouped = expected.map((item) => {
    if (typeof item === 'string') return actual[at++] ?? 'nothing';
    at += item.length;
    return actual.slice(at - item.length, at).sort();
  });
  expect([...grouped, ...actual.slice(at)]).toEqual(
    expected.map((item) => (typeof item === 'string' ? item : [...item].sort())),
  );
}
