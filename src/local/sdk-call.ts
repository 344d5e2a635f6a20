// Calls of the local services by the names of AWS's SDKs for Java, as Step Functions' and Scheduler's integrations have them.
// https://docs.aws.amazon.com/step-functions/latest/dg/supported-services-awssdk.html
import type { NormalizedSchema } from '@smithy/core/schema';
import type { Cloud, Principal, ServiceName } from './cloud.ts';
import { isServiceName, members, type OperationModel, serviceModel } from './wire/model.ts';

/** The names of services in integrations, where they are not the local AWS's. */
const names: Readonly<Record<string, ServiceName>> = {
  cloudwatch: 'monitoring',
  cloudwatchlogs: 'logs',
  elasticloadbalancingv2: 'elasticloadbalancing',
  eventbridge: 'events',
  sfn: 'states',
};

export function integrationService(name: string): ServiceName | undefined {
  if (Object.hasOwn(names, name)) return names[name];
  return isServiceName(name) ? name : undefined;
}

/** The operation that an action such as `putItem` names. */
export async function operationOf(service: ServiceName, action: string): Promise<OperationModel | undefined> {
  const { operations } = await serviceModel(service);
  return operations.get(`${action.charAt(0).toUpperCase()}${action.slice(1)}`);
}

/** Calls the operation with the caller's permissions. Members are in upper camel case; the answer's too. */
export async function callBySdkNames(
  cloud: Cloud,
  service: ServiceName,
  operation: OperationModel,
  input: unknown,
  caller: Principal,
): Promise<Record<string, unknown>> {
  const call = cloud.call as (...called: unknown[]) => Promise<object>;
  const answer = await call(service, operation.name, toInput(operation.input, input), caller);
  return (await toOutput(operation.output, answer)) as Record<string, unknown>;
}

/** The first member that the operation does not have. */
export function unknownMember(operation: OperationModel, input: object): string | undefined {
  const known = new Set(members(operation.input).map(([name]) => upper(name)));
  return Object.keys(input).find((name) => !known.has(upper(name)));
}

const upper = (name: string): string => `${name.charAt(0).toUpperCase()}${name.slice(1)}`;

function toInput(schema: NormalizedSchema, value: unknown): unknown {
  if (value === null || value === undefined) return undefined;
  if (schema.isBlobSchema()) return Buffer.from(typeof value === 'string' ? value : JSON.stringify(value));
  if (schema.isTimestampSchema()) return new Date(value as string);
  if (schema.isListSchema() && Array.isArray(value)) return value.map((item) => toInput(schema.getValueSchema(), item));
  if (typeof value !== 'object') return value;
  if (schema.isMapSchema()) {
    const entries = Object.entries(value).map(([key, item]) => [key, toInput(schema.getValueSchema(), item)]);
    return Object.fromEntries(entries);
  }
  if (!schema.isStructSchema()) return value;
  const given = new Map(Object.entries(value).map(([name, item]) => [upper(name), item]));
  return Object.fromEntries(
    members(schema).flatMap(([name, inner]) => {
      const item = given.get(upper(name));
      return item === undefined || item === null ? [] : [[name, toInput(inner, item)]];
    }),
  );
}

async function toOutput(schema: NormalizedSchema, value: unknown): Promise<unknown> {
  if (value === undefined || value === null) return value;
  if (schema.isBlobSchema() || value instanceof Uint8Array) return bytesOf(value);
  if (value instanceof Date) return value.toISOString();
  if (schema.isListSchema() && Array.isArray(value)) {
    return Promise.all(value.map((item) => toOutput(schema.getValueSchema(), item)));
  }
  if (typeof value !== 'object') return value;
  const isMap = schema.isMapSchema();
  if (!isMap && !schema.isStructSchema()) return value;
  const schemas = isMap ? undefined : new Map(members(schema));
  const entries = Object.entries(value)
    .filter(([, item]) => item !== undefined)
    .map(async ([name, item]): Promise<[string, unknown]> => {
      const inner = isMap ? schema.getValueSchema() : schemas?.get(name);
      return [isMap ? name : upper(name), inner === undefined ? item : await toOutput(inner, item)];
    });
  return Object.fromEntries(await Promise.all(entries));
}

async function bytesOf(value: unknown): Promise<string> {
  if (typeof value === 'string') return value;
  if (value instanceof Uint8Array) return Buffer.from(value).toString('utf8');
  const chunks: Uint8Array[] = [];
  for await (const chunk of value as AsyncIterable<Uint8Array>) chunks.push(chunk);
  return Buffer.concat(chunks).toString('utf8');
}
