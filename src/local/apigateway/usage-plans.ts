// API Gateway's operations on usage plans, their keys, and what the keys have used.
import type {
  ApiStage,
  QuotaSettings,
  ThrottleSettings,
  UsagePlan as UsagePlanShape,
} from '@aws-sdk/client-api-gateway';
import { badRequest, conflict, newId, notFound } from '../api-gateway.ts';
import type { Cloud, Operations } from '../cloud.ts';
import type { Collection } from '../store.ts';
import { existingKey, openApiKeys } from './api-keys.ts';
import { invalidPath, type Patch, readPatches } from './patch.ts';
import { openUsage, usedBetween } from './quota.ts';
import { type ApiContext, defined, own, page, type Texts } from './state.ts';

export interface UsagePlan {
  readonly id: string;
  readonly name: string;
  readonly description?: string;
  readonly apiStages?: readonly ApiStage[];
  readonly throttle?: ThrottleSettings;
  readonly quota?: QuotaSettings;
  readonly productCode?: string;
  readonly tags?: Texts;
  readonly keyIds: readonly string[];
}

export const openUsagePlans = (cloud: Cloud): Collection<UsagePlan> => cloud.collection('apigateway.usage-plans');

export function usagePlanOperations(context: ApiContext): Operations<'apigateway'> {
  const plans = openUsagePlans(context.cloud);
  const existing = (id: string | undefined) => existingPlan(plans, id);
  return {
    CreateUsagePlan: {
      members: ['name', 'description', 'apiStages', 'throttle', 'quota', 'tags'],
      run(input) {
        if (!input.name) throw badRequest('Usage Plan name cannot be empty');
        const id = newId(6);
        for (const stage of input.apiStages ?? []) checkStage(context, id, stage);
        const plan: UsagePlan = defined({
          id,
          ...input,
          name: input.name,
          quota: checkQuota(input.quota),
          keyIds: [],
        });
        plans.set(id, plan);
        return describePlan(plan);
      },
    },
    GetUsagePlan: { members: ['usagePlanId'], run: ({ usagePlanId }) => withTags(existing(usagePlanId)) },
    GetUsagePlans: {
      members: ['position', 'keyId', 'limit'],
      run(input) {
        const listed = plans.filter(({ keyIds }) => input.keyId === undefined || keyIds.includes(input.keyId));
        return page(listed.map(describePlan), input);
      },
    },
    UpdateUsagePlan: {
      members: ['usagePlanId', 'patchOperations'],
      run({ usagePlanId, patchOperations }) {
        const patches = readPatches('updateUsagePlanInput', patchOperations);
        const plan = patches.reduce((before, patch) => patchedPlan(context, before, patch), existing(usagePlanId));
        const checked = { ...plan, ...defined({ quota: checkQuota(plan.quota) }) };
        plans.set(plan.id, checked);
        return withTags(checked);
      },
    },
    DeleteUsagePlan: {
      members: ['usagePlanId'],
      run({ usagePlanId }) {
        const plan = existing(usagePlanId);
        if (plan.apiStages?.length) {
          throw badRequest('Cannot delete usage plan because it has associated API stages');
        }
        plans.delete(plan.id);
        return {};
      },
    },
    GetUsage: {
      members: ['usagePlanId', 'startDate', 'endDate', 'keyId', 'position', 'limit'],
      run({ usagePlanId, startDate = '', endDate = '', keyId }) {
        const plan = existing(usagePlanId);
        const keyIds = keyId === undefined ? plan.keyIds : [keyId];
        const usage = openUsage(context.cloud);
        const items = keyIds.map((id) => [id, usedBetween(usage, plan, id, { startDate, endDate })]);
        return { usagePlanId, startDate, endDate, items: Object.fromEntries(items) as Record<string, number[][]> };
      },
    },
    ...usagePlanKeyOperations(context.cloud),
  };
}

export function existingPlan(plans: Collection<UsagePlan>, id: string | undefined): UsagePlan {
  const plan = plans.get(id ?? '');
  if (plan === undefined) throw notFound('Invalid Usage Plan ID specified');
  return plan;
}

function usagePlanKeyOperations(cloud: Cloud): Operations<'apigateway'> {
  const plans = openUsagePlans(cloud);
  const keys = openApiKeys(cloud);
  const describe = (keyId: string) => {
    const key = keys.get(keyId);
    return defined({ id: keyId, type: 'API_KEY', value: key?.value, name: key?.name });
  };
  const existing = (plan: UsagePlan, keyId: string | undefined) => {
    if (!plan.keyIds.includes(keyId ?? '') || !keys.has(keyId ?? '')) {
      throw notFound('Invalid Usage Plan Key identifier specified');
    }
    return describe(keyId ?? '');
  };
  return {
    CreateUsagePlanKey: {
      members: ['usagePlanId', 'keyId', 'keyType'],
      run({ usagePlanId, keyId, keyType }) {
        const plan = existingPlan(plans, usagePlanId);
        if (keyType !== 'API_KEY') throw badRequest(`Invalid key type: ${keyType}. Valid options are API_KEY`);
        const key = existingKey(keys, keyId);
        if (plan.keyIds.includes(key.id)) {
          throw conflict(`Usage plan already exists for this key: ${key.id}`);
        }
        refuseSecondPlan(plans, plan, key.id);
        plans.set(plan.id, { ...plan, keyIds: [...plan.keyIds, key.id] });
        return describe(key.id);
      },
    },
    GetUsagePlanKey: {
      members: ['usagePlanId', 'keyId'],
      run: ({ usagePlanId, keyId }) => existing(existingPlan(plans, usagePlanId), keyId),
    },
    GetUsagePlanKeys: {
      members: ['usagePlanId', 'position', 'limit', 'nameQuery'],
      run(input) {
        const { keyIds } = existingPlan(plans, input.usagePlanId);
        const listed = keyIds.filter((id) => keys.has(id)).map(describe);
        return page(
          listed.filter(({ name = '' }) => name.startsWith(input.nameQuery ?? '')),
          input,
        );
      },
    },
    DeleteUsagePlanKey: {
      members: ['usagePlanId', 'keyId'],
      run({ usagePlanId, keyId }) {
        const plan = existingPlan(plans, usagePlanId);
        existing(plan, keyId);
        plans.set(plan.id, { ...plan, keyIds: plan.keyIds.filter((id) => id !== keyId) });
        return {};
      },
    },
  };
}

/** A key has at most one plan for each stage: https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-api-usage-plans.html */
function refuseSecondPlan(plans: Collection<UsagePlan>, plan: UsagePlan, keyId: string): void {
  const places = (plan.apiStages ?? []).map(({ apiId, stage }) => `${apiId}:${stage}`);
  const other = plans.find(
    ({ id, keyIds, apiStages = [] }) =>
      id !== plan.id &&
      keyIds.includes(keyId) &&
      apiStages.some(({ apiId, stage }) => places.includes(`${apiId}:${stage}`)),
  );
  if (other === undefined) return;
  throw conflict(`API Key ${keyId} is already in a usage plan for an API stage of usage plan ${plan.id}: ${other.id}`);
}

function checkStage({ apis }: ApiContext, planId: string, { apiId, stage }: ApiStage): void {
  if (own(apis.get(apiId ?? '')?.stages ?? {}, stage) !== undefined) return;
  throw notFound(`Invalid API Stage {api: ${apiId}, stage: ${stage}} specified for usageplan ${planId}`);
}

function checkQuota(quota: QuotaSettings | undefined): QuotaSettings | undefined {
  if (quota === undefined) return undefined;
  const { limit, period = '', offset = 0 } = quota;
  if (!['DAY', 'WEEK', 'MONTH'].includes(period))
    throw badRequest('Usage Plan quota period is invalid: DAY, WEEK or MONTH');
  if (!Number.isInteger(limit) || (limit ?? -1) < 0) throw badRequest('Usage Plan quota limit must be a number from 0');
  return { limit, offset, period: period as 'DAY' };
}

// https://docs.aws.amazon.com/apigateway/latest/api/patch-operations.html#UpdateUsagePlan-Patch
function patchedPlan(context: ApiContext, plan: UsagePlan, patch: Patch): UsagePlan {
  const { op, segments, value = '' } = patch;
  const [first = '', second, ...rest] = segments;
  if (first === 'apiStages' && second === undefined) return patchedStages(context, plan, patch);
  if (first === 'apiStages' && rest[0] === 'throttle') return patchedThrottles(plan, patch);
  if ((first === 'throttle' || first === 'quota') && rest.length === 0) {
    if (op === 'remove') {
      const { [first]: _, ...others } = plan;
      return others;
    }
    if (second === undefined) throw invalidPath(patch);
    const number = second === 'period' ? value : Number(value);
    return { ...plan, [first]: { ...plan[first], [second]: number } };
  }
  if (second !== undefined || op !== 'replace') throw invalidPath(patch);
  if (first === 'name' || first === 'description' || first === 'productCode') return { ...plan, [first]: value };
  throw invalidPath(patch);
}

function patchedStages(context: ApiContext, plan: UsagePlan, { op, value }: Patch): UsagePlan {
  const [, apiId, stage] = /^([^:]+):([^:]+)$/.exec(value ?? '') ?? [];
  if (apiId === undefined || stage === undefined) throw badRequest('Invalid API Stage specified');
  const others = (plan.apiStages ?? []).filter((other) => other.apiId !== apiId || other.stage !== stage);
  if (op === 'remove') return { ...plan, apiStages: others };
  checkStage(context, plan.id, { apiId, stage });
  return { ...plan, apiStages: [...others, { apiId, stage }] };
}

// `/apiStages/{apiId:stage}/throttle/{path}/{METHOD}/rateLimit`
function patchedThrottles(plan: UsagePlan, patch: Patch): UsagePlan {
  const [, place, , path = '', method = '', limit = ''] = patch.segments;
  const isLimit = limit === 'rateLimit' || limit === 'burstLimit';
  const apiStages = (plan.apiStages ?? []).map((stage) => {
    if (`${stage.apiId}:${stage.stage}` !== place) return stage;
    const key = `${path}/${method}`;
    const { throttle = {}, ...others } = stage;
    if (patch.op === 'remove') {
      if (path === '') return others;
      const { [key]: _, ...kept } = throttle;
      return { ...others, throttle: kept };
    }
    if (!isLimit) throw invalidPath(patch);
    return { ...others, throttle: { ...throttle, [key]: { ...throttle[key], [limit]: Number(patch.value) } } };
  });
  return { ...plan, apiStages };
}

function describePlan({ keyIds: _, ...plan }: UsagePlan): UsagePlanShape {
  const { apiStages, tags, ...others } = plan;
  return {
    ...others,
    apiStages: [...(apiStages ?? [])],
    ...(Object.keys(tags ?? {}).length === 0 ? {} : { tags: { ...tags } }),
  };
}

function withTags(plan: UsagePlan): UsagePlanShape {
  return { ...describePlan(plan), tags: { ...plan.tags } };
}
