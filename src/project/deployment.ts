// `deployment` of project.yml: how traffic moves to a new release, and what stops it.

import { duration } from '../base/duration.ts';
import { byKind, converted, described, flag, list, mapOf, object, type Schema, text } from '../base/schema.ts';
import { type CodeDeploy, codeDeploySchema } from './code-deploy.ts';

/** What aborts the deployment. */
export type AbortCondition = MetricCondition | AlarmCondition;

/** A CloudWatch alarm that goes off: `alarm:shop-errors`. */
export interface AlarmCondition {
  readonly text: string;
  readonly alarm: string;
}

/** A limit that a new version is over. */
export interface MetricCondition {
  /** `errors>1%`. */
  readonly text: string;
  /** `errorRate` is a share of the invocations, in percent. Durations are in milliseconds. */
  readonly metric: 'errorRate' | 'errors' | 'throttles' | 'duration' | `p${number}`;
  readonly limit: number;
}

export interface Deployment {
  /** The share of the traffic, in percent, that each step moves. */
  readonly step: number;
  /** `canary`: one step, then all. `linear`: step by step. */
  readonly kind: 'canary' | 'linear';
  /** Seconds to watch after each step. */
  readonly watchSeconds: number;
  readonly abortOn: readonly AbortCondition[];
  /** False: no events are sent to the new versions first. A map: the files of each function's events. */
  readonly smoke: boolean | ReadonlyMap<string, readonly string[]>;
}

export const deploymentDefaults = { step: 10, canarySeconds: 300, linearSeconds: 60, abortOn: 'errors>1%' } as const;

/** Undefined if it is not a share between 1% and 99%. */
export function parseShare(text: string): number | undefined {
  const share = /^(\d{1,2})\s*%$/.exec(text)?.[1];
  return share === undefined || Number(share) === 0 ? undefined : Number(share);
}

const timeUnits: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000 };

/** Undefined if it is not a condition. */
export function parseCondition(text: string): AbortCondition | undefined {
  // https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html
  const alarm = /^alarm:\s*(\S.{0,254})$/.exec(text)?.[1];
  if (alarm !== undefined) return { text, alarm };
  const [, name = '', number = '', unit = ''] =
    /^([a-z]+\d*(?:\.\d+)?)\s*>\s*(\d+(?:\.\d+)?)\s*(%|ms|s|m)?$/.exec(text) ?? [];
  const limit = Number(number);
  if (name === 'errors') {
    if (unit === '%') return limit < 100 ? { text, metric: 'errorRate', limit } : undefined;
    return unit === '' ? { text, metric: 'errors', limit } : undefined;
  }
  if (name === 'throttles') return unit === '' ? { text, metric: 'throttles', limit } : undefined;
  const percentile = /^p(\d{1,2}(?:\.\d+)?)$/.exec(name)?.[1];
  const scale = timeUnits[unit];
  if (scale === undefined || (name !== 'duration' && percentile === undefined)) return undefined;
  return { text, metric: percentile === undefined ? 'duration' : `p${Number(percentile)}`, limit: limit * scale };
}

export const shareForm = 'a share of the traffic such as 10%';
export const conditionForm =
  'a condition such as errors>1%, errors>5, throttles>0, p99>2s, duration>500ms or alarm:NAME';

const share: Schema<number> = converted(text(), (value) => {
  const read = parseShare(value);
  return read === undefined ? { wrong: `expected ${shareForm}` } : { value: read };
});
const condition: Schema<AbortCondition> = converted(text(), (value) => {
  const read = parseCondition(value);
  return read === undefined ? { wrong: `expected ${conditionForm}` } : { value: read };
});
const conditions: Schema<readonly AbortCondition[]> = byKind<readonly AbortCondition[]>({
  scalar: converted(condition, (value) => ({ value: [value] })),
  list: list(condition, { most: 20 }),
  expected: 'a condition, or a list of conditions',
});
const smoke: Schema<Deployment['smoke']> = byKind<Deployment['smoke']>({
  scalar: flag,
  map: mapOf(list(text())),
  expected: 'true, false, or the files of the events by function',
});

type Conversion = { readonly value: Deployment | CodeDeploy } | { readonly wrong: string; readonly hint?: string };

export const deploymentSchema: Schema<Deployment | CodeDeploy> = described(
  'Moves traffic to a new release step by step, and back if its versions misbehave.',
  converted(
    object({
      required: {},
      optional: {
        canary: described('Moves this share first, and all of it after `bake`.', share, { examples: ['10%'] }),
        linear: described('Moves this share at a time, one every `every`.', share, { examples: ['20%'] }),
        bake: described(
          'How long a canary is watched. CloudWatch has the metrics of a minute one or two minutes later.',
          duration({ least: 1, most: 172_800, expected: 'a time from 1s to 48h' }),
          { default: '5m', examples: ['10m'] },
        ),
        every: described(
          'How long each step of a linear deployment is watched.',
          duration({ least: 1, most: 172_800, expected: 'a time from 1s to 48h' }),
          { default: '1m', examples: ['2m'] },
        ),
        abortOn: described(
          'What moves all traffic back, if it is true of one new version: errors as a share or a number, throttles, the average duration or a percentile; or if a CloudWatch alarm goes off.',
          conditions,
          { default: 'errors>1%', examples: [['errors>1%', 'p99>2s', 'alarm:shop-errors']] },
        ),
        smoke: described(
          'Events to invoke the new versions with before they get traffic: the files by function; true for `tests/events/<function>.json` and `tests/events/<function>.<case>.json`.',
          smoke,
          { default: true, examples: [{ orders: ['tests/events/order.json'] }] },
        ),
        codeDeploy: codeDeploySchema,
      },
      elsewhere: {
        type: 'canary or linear',
        alarms: 'abortOn, or codeDeploy.alarms',
        hooks: 'smoke, or codeDeploy.beforeTraffic',
        preference: 'canary or linear',
      },
    }),
    ({ codeDeploy, ...byFx }): Conversion => {
      const { canary, linear, bake, every, abortOn, smoke = true } = byFx;
      if (codeDeploy !== undefined) {
        const [other] = Object.keys(byFx);
        if (other === undefined) return { value: codeDeploy };
        return {
          wrong: `CodeDeploy moves the traffic, so \`${other}\` has no place here`,
          hint: 'put it below codeDeploy, or remove codeDeploy',
        };
      }
      if (canary !== undefined && linear !== undefined) return { wrong: 'a deployment has canary or linear, not both' };
      if (canary === undefined && linear === undefined) return { wrong: 'a deployment needs canary or linear' };
      const kind = canary === undefined ? 'linear' : 'canary';
      if (kind === 'canary' && every !== undefined) return { wrong: '`every` is for linear; a canary has `bake`' };
      if (kind === 'linear' && bake !== undefined) return { wrong: '`bake` is for canary; linear has `every`' };
      const watchSeconds =
        kind === 'canary' ? (bake ?? deploymentDefaults.canarySeconds) : (every ?? deploymentDefaults.linearSeconds);
      return {
        value: {
          kind,
          step: canary ?? linear ?? deploymentDefaults.step,
          watchSeconds,
          abortOn: abortOn ?? defaultConditions(),
          smoke,
        },
      };
    },
  ),
  { examples: [{ canary: '10%', bake: '10m', abortOn: ['errors>1%', 'p99>2s'] }] },
);

export function defaultConditions(): readonly AbortCondition[] {
  const read = parseCondition(deploymentDefaults.abortOn);
  return read === undefined ? [] : [read];
}

/** The shares of traffic before all of it, in percent. */
export function stepsOf({ kind, step }: Pick<Deployment, 'kind' | 'step'>): readonly number[] {
  if (kind === 'canary') return [step];
  return Array.from({ length: Math.ceil(100 / step) - 1 }, (_, index) => step * (index + 1));
}
