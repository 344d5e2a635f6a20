// The options of fx deploy that move traffic step by step.
import { durationMs } from '../base/duration.ts';
import { FxError } from '../base/error.ts';
import type { CodeDeploy } from '../project/code-deploy.ts';
import {
  type AbortCondition,
  conditionForm,
  type Deployment,
  defaultConditions,
  deploymentDefaults,
  parseCondition,
  parseShare,
  shareForm,
} from '../project/deployment.ts';
import type { Options } from './command.ts';

export const deploymentOptions = {
  canary: {
    kind: 'text',
    value: 'share',
    about: 'move a share of the traffic first, such as 10%, and all of it after --bake',
  },
  linear: { kind: 'text', value: 'share', about: 'move the traffic in steps of this share, one every --every' },
  bake: { kind: 'text', value: 'time', about: 'how long to watch a canary (default: 5m)' },
  every: { kind: 'text', value: 'time', about: 'how long to watch each step of --linear (default: 1m)' },
  abortOn: {
    kind: 'repeated',
    value: 'condition',
    about:
      'move all traffic back if a new version does this: errors>1%, errors>5, throttles>0, p99>2s, or if a CloudWatch alarm goes off: alarm:NAME; repeatable (default: errors>1%)',
  },
  noSmoke: { kind: 'flag', about: 'do not send the events in tests/events to the new versions first' },
  allAtOnce: { kind: 'flag', about: 'move all traffic at once, whatever `deployment` in project.yml says' },
} as const satisfies Options;

export interface DeploymentOptions {
  readonly canary: string | undefined;
  readonly linear: string | undefined;
  readonly bake: string | undefined;
  readonly every: string | undefined;
  readonly abortOn: readonly string[];
  readonly noSmoke: boolean;
  readonly allAtOnce: boolean;
}

/** What the options say, over what project.yml says. Throws USAGE. */
export function chosenDeployment(
  options: DeploymentOptions,
  written: Deployment | undefined,
  codeDeploy?: CodeDeploy,
): Deployment | undefined {
  const { canary, linear, bake, every, allAtOnce } = options;
  checkCombination(options, written);
  if (codeDeploy !== undefined && (canary !== undefined || linear !== undefined)) {
    throw new FxError('USAGE', "CodeDeploy moves the traffic of this environment: --canary and --linear are fx's", {
      hint: 'change deployment.codeDeploy in project.yml, or use --all-at-once',
    });
  }
  if (allAtOnce) return undefined;
  const share = canary ?? linear;
  const kind = share === undefined ? written?.kind : canary === undefined ? 'linear' : 'canary';
  if (kind === undefined) return undefined;
  const time = kind === 'canary' ? bake : every;
  const defaultSeconds = kind === 'canary' ? deploymentDefaults.canarySeconds : deploymentDefaults.linearSeconds;
  const writtenSeconds = written?.kind === kind ? written.watchSeconds : undefined;
  return {
    kind,
    step: share === undefined ? (written?.step ?? deploymentDefaults.step) : shareOf(share, `--${kind}`),
    watchSeconds:
      time === undefined
        ? (writtenSeconds ?? defaultSeconds)
        : secondsOf(time, kind === 'canary' ? '--bake' : '--every'),
    abortOn:
      options.abortOn.length === 0 ? (written?.abortOn ?? defaultConditions()) : options.abortOn.map(conditionOf),
    smoke: options.noSmoke ? false : (written?.smoke ?? true),
  };
}

function checkCombination(options: DeploymentOptions, written: Deployment | undefined): void {
  const { canary, linear, bake, every, abortOn, noSmoke, allAtOnce } = options;
  const usage = (message: string, hint?: string) => new FxError('USAGE', message, hint === undefined ? {} : { hint });
  if (canary !== undefined && linear !== undefined) throw usage('--canary and --linear exclude each other');
  const isGradual = canary !== undefined || linear !== undefined;
  const isTuned = bake !== undefined || every !== undefined || abortOn.length > 0 || noSmoke;
  if (allAtOnce && (isGradual || isTuned)) throw usage('--all-at-once excludes the options of a gradual deploy');
  if (isTuned && !isGradual && written === undefined) {
    throw usage(
      '--bake, --every, --abort-on and --no-smoke need --canary or --linear',
      'such as fx deploy --canary 10% --bake 5m',
    );
  }
  const kind = isGradual ? (canary === undefined ? 'linear' : 'canary') : written?.kind;
  if (kind === 'canary' && every !== undefined) throw usage('--every is for --linear; a canary has --bake');
  if (kind === 'linear' && bake !== undefined) throw usage('--bake is for --canary; --linear has --every');
}

function shareOf(text: string, option: string): number {
  const share = parseShare(text);
  if (share !== undefined) return share;
  throw new FxError('USAGE', `${option} takes ${shareForm}, not ${JSON.stringify(text)}`);
}

function conditionOf(text: string): AbortCondition {
  const condition = parseCondition(text);
  if (condition !== undefined) return condition;
  throw new FxError('USAGE', `--abort-on takes ${conditionForm}, not ${JSON.stringify(text)}`);
}

function secondsOf(text: string, option: string): number {
  const seconds = (durationMs(text) ?? 0) / 1000;
  if (seconds >= 1 && seconds <= 172_800) return seconds;
  throw new FxError('USAGE', `${option} takes a time from 1s to 48h, such as 5m, not ${JSON.stringify(text)}`);
}
