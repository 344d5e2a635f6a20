// The patch operations of UpdateStage.
// https://docs.aws.amazon.com/apigateway/latest/api/patch-operations.html#UpdateStage-Patch
import type { MethodSetting } from '@aws-sdk/client-api-gateway';
import { badRequest, without } from '../api-gateway.ts';
import { notImplemented } from '../constraint.ts';
import { isTrue, type Patch, patchedMap } from './patch.ts';
import { own, type Stage } from './state.ts';

export function patchedStage(stage: Stage, patch: Patch): Stage {
  const { op, segments, value = '' } = patch;
  const [first = '', second, third] = segments;
  if (op === 'copy') return copied(stage, patch);
  if (first === 'canarySettings' && second !== undefined) return patchedCanary(stage, patch);
  if (first === 'canarySettings' && op === 'remove') {
    const { canarySettings: _, ...others } = stage;
    return others;
  }
  if (first === 'variables' && second !== undefined && third === undefined) {
    const { variables, ...others } = stage;
    const next = patchedMap(variables, op, second, value);
    return next === undefined ? others : { ...others, variables: next };
  }
  if (first === 'accessLogSettings' && third === undefined) return patchedAccessLog(stage, patch);
  if (second !== undefined) return patchedMethodSetting(stage, patch);
  if (op !== 'replace') throw invalidStagePath(patch);
  switch (first) {
    case 'deploymentId':
    case 'description':
    case 'cacheClusterSize':
    case 'clientCertificateId':
    case 'documentationVersion':
      return { ...stage, [first]: value };
    case 'cacheClusterEnabled':
    case 'tracingEnabled':
      return { ...stage, [first]: isTrue(value) };
    case 'webAclArn':
      throw notImplemented('apigateway:UpdateStage with webAclArn');
    default:
      throw invalidStagePath(patch);
  }
}

function patchedCanary(stage: Stage, patch: Patch): Stage {
  const { op, path, segments, value = '' } = patch;
  const [, second = '', third] = segments;
  const canary = { percentTraffic: 0, deploymentId: stage.deploymentId, useStageCache: false, ...stage.canarySettings };
  if (second === 'stageVariableOverrides' && third !== undefined) {
    const overrides = patchedMap(canary.stageVariableOverrides, op, third, value);
    const { stageVariableOverrides: _, ...others } = canary;
    return {
      ...stage,
      canarySettings: overrides === undefined ? others : { ...others, stageVariableOverrides: overrides },
    };
  }
  if (op === 'remove') {
    if (second !== 'stageVariableOverrides' || stage.canarySettings?.stageVariableOverrides === undefined) {
      throw badRequest(
        `Cannot remove method setting canarySettings/${second} because there is no method setting for this method `,
      );
    }
    const { stageVariableOverrides: _, ...others } = stage.canarySettings;
    return { ...stage, canarySettings: others };
  }
  if (op !== 'replace') throw badRequest(`Invalid ${op} operation with path: ${path}`);
  switch (third === undefined ? second : '') {
    case 'percentTraffic': {
      const percentTraffic = Number(value);
      if (!(percentTraffic >= 0 && percentTraffic <= 100)) {
        throw badRequest('Canary traffic percent must be between 0.0 and 100.0');
      }
      return { ...stage, canarySettings: { ...canary, percentTraffic } };
    }
    case 'deploymentId':
      return { ...stage, canarySettings: { ...canary, deploymentId: value } };
    case 'useStageCache':
      return { ...stage, canarySettings: { ...canary, useStageCache: isTrue(value) } };
    default:
      throw invalidStagePath(patch);
  }
}

const copyTargets = ['/deploymentId', '/variables'];
const copySources = ['/canarySettings/deploymentId', '/canarySettings/stageVariableOverrides'];

/** Promotes a canary. */
function copied(stage: Stage, { path, from = '' }: Patch): Stage {
  const pair = copySources.indexOf(from);
  if (pair === -1 || copyTargets.indexOf(path) !== pair) {
    throw badRequest(
      `Invalid copy operation with path: ${path} and from ${from}. Valid copy:path are [${copyTargets.join(', ')}] and valid copy:from are [${copySources.join(', ')}]`,
    );
  }
  const { canarySettings: canary, variables } = stage;
  if (canary === undefined) throw badRequest('Promotion not available. Canary does not exist.');
  if (path === '/deploymentId') return { ...stage, deploymentId: canary.deploymentId ?? stage.deploymentId };
  const overrides = canary.stageVariableOverrides;
  return overrides === undefined ? stage : { ...stage, variables: { ...variables, ...overrides } };
}

function patchedAccessLog(stage: Stage, patch: Patch): Stage {
  const { op, segments, value = '' } = patch;
  const [, second] = segments;
  const { accessLogSettings = {}, ...others } = stage;
  if (op === 'remove' && second === undefined) return others;
  if ((second !== 'destinationArn' && second !== 'format') || !['add', 'replace', 'remove'].includes(op)) {
    throw invalidStagePath(patch);
  }
  if (second === 'destinationArn' && op !== 'remove' && !/^arn:[^:]+:(logs|firehose):/.test(value)) {
    throw badRequest(`Invalid ARN specified in the request. ARNs must start with 'arn:': ${value}`);
  }
  if (value.includes(':firehose:')) throw notImplemented('access logs to Firehose');
  const next = patchedMap(accessLogSettings as Record<string, string>, op, second, value);
  return next === undefined ? others : { ...others, accessLogSettings: next };
}

const settingNames: Readonly<Record<string, keyof MethodSetting>> = {
  'metrics/enabled': 'metricsEnabled',
  'logging/loglevel': 'loggingLevel',
  'logging/dataTrace': 'dataTraceEnabled',
  'throttling/burstLimit': 'throttlingBurstLimit',
  'throttling/rateLimit': 'throttlingRateLimit',
  'caching/enabled': 'cachingEnabled',
  'caching/ttlInSeconds': 'cacheTtlInSeconds',
  'caching/dataEncrypted': 'cacheDataEncrypted',
  'caching/requireAuthorizationForCacheControl': 'requireAuthorizationForCacheControl',
  'caching/unauthorizedCacheControlHeaderStrategy': 'unauthorizedCacheControlHeaderStrategy',
};
const numeric = ['throttlingBurstLimit', 'throttlingRateLimit', 'cacheTtlInSeconds'];
const textual = ['loggingLevel', 'unauthorizedCacheControlHeaderStrategy'];

const defaultSetting: MethodSetting = {
  metricsEnabled: false,
  dataTraceEnabled: false,
  throttlingBurstLimit: 5000,
  throttlingRateLimit: 10_000,
  cachingEnabled: false,
  cacheTtlInSeconds: 300,
  cacheDataEncrypted: false,
  requireAuthorizationForCacheControl: true,
  unauthorizedCacheControlHeaderStrategy: 'SUCCEED_WITH_RESPONSE_HEADER',
};

// `/{resourcePath}/{httpMethod}/throttling/rateLimit`, where the slashes of the path are `~1`
function patchedMethodSetting(stage: Stage, patch: Patch): Stage {
  const [resourcePath = '', httpMethod = '', ...setting] = patch.path.replace(/^\//, '').split('/');
  const key = `${resourcePath}/${httpMethod}`;
  const before = own(stage.methodSettings, key);
  if (patch.op === 'remove') {
    if (before === undefined || setting.length > 0) {
      throw badRequest(`Cannot remove method setting ${key} because there is no method setting for this method `);
    }
    return { ...stage, methodSettings: without(stage.methodSettings, key) };
  }
  const name = own(settingNames, setting.join('/'));
  if (name === undefined || patch.op !== 'replace') throw invalidStagePath(patch);
  const { value = '' } = patch;
  const next = numeric.includes(name) ? Number(value) : textual.includes(name) ? value : isTrue(value);
  if (name === 'loggingLevel' && !['OFF', 'ERROR', 'INFO'].includes(value)) {
    throw badRequest('Invalid logging level, valid values are [OFF, ERROR, INFO]');
  }
  if (Number.isNaN(next)) throw badRequest(`Invalid value for ${patch.path}: ${value}`);
  return {
    ...stage,
    methodSettings: { ...stage.methodSettings, [key]: { ...defaultSetting, ...before, [name]: next } },
  };
}

// As AWS prints them, with the separators that are missing there.
const ofMethod = (front: string, between: string, after: string) =>
  [
    `${front}/metrics/enabled, ${front}/logging/dataTrace, ${front}/logging/loglevel, ${front}/throttling/burstLimit`,
    `${front}/throttling/rateLimit`,
    `${front}/caching/ttlInSeconds, ${front}/caching/enabled, ${front}/caching/dataEncrypted, ${front}/caching/requireAuthorizationForCacheControl, ${front}/caching/unauthorizedCacheControlHeaderStrategy`,
  ].join(between) + after;
const validPaths = `/deploymentId, /description, /cacheClusterEnabled, /cacheClusterSize, /clientCertificateId, /accessLogSettings, /accessLogSettings/destinationArn, /accessLogSettings/format, ${ofMethod('/{resourcePath}/{httpMethod}', '', ', ')}${ofMethod('/*/*', ' ', ', ')}/variables/{variable_name}, /tracingEnabled`;

function invalidStagePath({ path }: Patch): Error {
  return badRequest(`Invalid method setting path: ${path}. Must be one of: [${validPaths}]`);
}
