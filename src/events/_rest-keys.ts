// The API keys of a REST API and its usage plans.
import { fitted, pascalCase, stackName } from '../cfn/names.ts';
import type { Part } from '../cfn/part.ts';
import { type Output, type Resource, ref } from '../cfn/resource.ts';
import type { RestSection } from './_rest-api.ts';
import type { UsagePlan } from './_rest-key-schema.ts';
import { afterStage, type RestApi, stageReference } from './_rest-shared.ts';
import type { SourceContext } from './source.ts';

/** A key counts only in a plan, so keys without one share a plan without limits. */
const sharedPlan: ReadonlyMap<string, UsagePlan> = new Map([['default', {}]]);

export function keyPart(api: RestApi, { names }: SourceContext<RestSection>): Part {
  const { settings, prefix, id } = api;
  const { apiKeys = new Map(), usagePlans = apiKeys.size === 0 ? new Map<string, UsagePlan>() : sharedPlan } = settings;
  const named = (name: string) => fitted(`${stackName(names)}-${api.name ?? 'rest'}-${name}`, 255);
  const keyId = (name: string) => `${prefix}Key${pascalCase(name)}`;
  const resources: Record<string, Resource> = {};
  const outputs: Record<string, Output> = {};
  for (const [name, { value, description, enabled = true, customerId }] of apiKeys) {
    resources[keyId(name)] = {
      Type: 'AWS::ApiGateway::ApiKey',
      Properties: {
        Name: named(name),
        Enabled: enabled,
        ...(value === undefined ? {} : { Value: value }),
        ...(description === undefined ? {} : { Description: description }),
        ...(customerId === undefined ? {} : { CustomerId: customerId }),
      },
    };
    outputs[`${keyId(name)}Id`] = { Description: `The id of the API key ${name}`, Value: ref(keyId(name)) };
  }
  for (const [name, { description, quota, throttle, keys }] of usagePlans) {
    const planId = `${prefix}Plan${pascalCase(name)}`;
    resources[planId] = {
      Type: 'AWS::ApiGateway::UsagePlan',
      ...afterStage(api),
      Properties: {
        UsagePlanName: named(name),
        ...(description === undefined ? {} : { Description: description }),
        ApiStages: [{ ApiId: id, Stage: stageReference(api) }],
        ...(quota === undefined
          ? {}
          : {
              Quota: {
                Limit: quota.limit,
                Period: quota.period.toUpperCase(),
                ...(quota.offset === undefined ? {} : { Offset: quota.offset }),
              },
            }),
        ...(throttle === undefined ? {} : { Throttle: { RateLimit: throttle.rate, BurstLimit: throttle.burst } }),
      },
    };
    for (const key of keys?.map(({ value }) => value) ?? apiKeys.keys()) {
      resources[`${planId}Key${pascalCase(key)}`] = {
        Type: 'AWS::ApiGateway::UsagePlanKey',
        Properties: { KeyId: ref(keyId(key)), KeyType: 'API_KEY', UsagePlanId: ref(planId) },
      };
    }
  }
  return { resources, outputs };
}
