// `deployment.codeDeploy` of project.yml: CodeDeploy moves the traffic while CloudFormation updates an alias, instead of fx.

import { duration } from '../base/duration.ts';
import { byKind, converted, described, list, mapOf, object, type Schema, text } from '../base/schema.ts';

export interface CodeDeploy {
  readonly kind: 'codeDeploy';
  readonly routing: TrafficRouting;
  /** Names of alarms, or logical ids of alarms under `resources`. */
  readonly alarms: readonly string[];
  /** The function to call before traffic moves: for all functions, or by function. */
  readonly beforeTraffic: Hook | undefined;
  readonly afterTraffic: Hook | undefined;
  /** The ARN of CodeDeploy's role; undefined if fx makes it. */
  readonly role: string | undefined;
  /** ARNs of SNS topics, or logical ids of topics under `resources`. */
  readonly notifications: readonly string[];
  /** Undefined for every function that is not a hook. */
  readonly functions: readonly string[] | undefined;
}

export type TrafficRouting =
  | { readonly kind: 'canary' | 'linear'; readonly percent: number; readonly minutes: number }
  | { readonly kind: 'config'; readonly name: string };

export type Hook = string | ReadonlyMap<string, string>;

// https://docs.aws.amazon.com/codedeploy/latest/userguide/limits.html
const mostAlarms = 10;
const mostMinutes = 48 * 60;
const mostTopics = 10;

const share: Schema<number> = converted(text({ expected: 'a share of the traffic such as 10%' }), (value) => {
  const [, percent] = /^([1-9]\d?)\s*%$/.exec(value) ?? [];
  return percent === undefined ? { wrong: 'expected a share of the traffic such as 10%' } : { value: Number(percent) };
});

const minutes: Schema<number> = converted(
  duration({ least: 60, most: mostMinutes * 60, expected: 'a time in whole minutes, from 1m to 48h' }),
  (seconds) =>
    seconds % 60 === 0
      ? { value: seconds / 60 }
      : {
          wrong: 'CodeDeploy counts in minutes',
          hint: 'such as 5m; to watch for seconds, let fx move the traffic: canary, linear',
        },
);

const hook: Schema<Hook> = byKind<Hook>({
  scalar: text(),
  map: mapOf(text()),
  expected: 'the name of a function, or functions by name',
});

/** The bounds are those of https://docs.aws.amazon.com/codedeploy/latest/APIReference/API_TimeBasedCanary.html and TimeBasedLinear. */
export const codeDeploySchema: Schema<CodeDeploy> = described(
  'AWS CodeDeploy moves the traffic, while CloudFormation updates the alias: the deploy takes as long. A rollback by fx moves it at once.',
  converted(
    object({
      required: {},
      optional: {
        canary: described('Moves this share first, and the rest after `bake`.', share, { examples: ['10%'] }),
        linear: described('Moves this share at a time, one every `every`.', share, { examples: ['10%'] }),
        bake: described('How long a canary is watched.', minutes, { default: '5m', examples: ['10m'] }),
        every: described('How long each step of a linear deployment is watched.', minutes, {
          default: '1m',
          examples: ['2m'],
        }),
        config: described('A deployment configuration of the account, or of AWS, by its name.', text(), {
          examples: ['CodeDeployDefault.LambdaAllAtOnce'],
        }),
        alarms: described(
          'CloudWatch alarms that move the traffic back: logical ids of alarms under `resources`, or names.',
          list(text(), { most: mostAlarms }),
          { examples: [['OrdersErrors']] },
        ),
        beforeTraffic: described(
          'A function of this project that CodeDeploy calls before it moves traffic, and that reports success or failure; or one for each function.',
          hook,
          { examples: ['checkOrders'] },
        ),
        afterTraffic: described('The same, after the traffic has moved.', hook, { examples: ['checkOrders'] }),
        role: described(
          'The role of CodeDeploy. If absent, fx makes one.',
          text({
            pattern: /^arn:[a-z0-9-]+:iam::\d{12}:role\/\S+$/,
            expected: 'the ARN of a role such as arn:aws:iam::111122223333:role/codedeploy',
          }),
          { examples: ['arn:aws:iam::111122223333:role/codedeploy'] },
        ),
        notifications: described(
          'SNS topics that hear of each start, success, failure, stop and rollback: logical ids under `resources`, or ARNs.',
          list(text(), { most: mostTopics }),
          { examples: [['Deploys']] },
        ),
        functions: described('Only these functions. If absent, all of them except the hooks.', list(text()), {
          examples: [['orders']],
        }),
      },
      elsewhere: {
        type: 'canary, linear or config',
        preTraffic: 'beforeTraffic',
        postTraffic: 'afterTraffic',
        hooks: 'beforeTraffic, afterTraffic',
      },
    }),
    ({ canary, linear, bake, every, config, ...rest }) => {
      const ways = [canary, linear, config].filter((way) => way !== undefined).length;
      if (ways !== 1) return { wrong: 'codeDeploy needs one of canary, linear and config' };
      if (bake !== undefined && canary === undefined) return { wrong: '`bake` is for canary; linear has `every`' };
      if (every !== undefined && linear === undefined) return { wrong: '`every` is for linear; a canary has `bake`' };
      const routing = routingOf({ canary, linear, bake, every, config });
      if (routing.kind === 'linear' && (Math.ceil(100 / routing.percent) - 1) * routing.minutes > mostMinutes) {
        return { wrong: 'these steps take over 48 hours, which is the most that CodeDeploy takes' };
      }
      const { alarms = [], notifications = [], beforeTraffic, afterTraffic, role, functions } = rest;
      return {
        value: { kind: 'codeDeploy', routing, alarms, notifications, beforeTraffic, afterTraffic, role, functions },
      };
    },
  ),
  { examples: [{ canary: '10%', bake: '10m', alarms: ['OrdersErrors'], beforeTraffic: 'checkOrders' }] },
);

interface Ways {
  readonly canary: number | undefined;
  readonly linear: number | undefined;
  readonly bake: number | undefined;
  readonly every: number | undefined;
  readonly config: string | undefined;
}

function routingOf({ canary, linear, bake = 5, every = 1, config }: Ways): TrafficRouting {
  if (canary !== undefined) return { kind: 'canary', percent: canary, minutes: bake };
  if (linear !== undefined) return { kind: 'linear', percent: linear, minutes: every };
  return { kind: 'config', name: config ?? '' };
}

/** The hook of a function, by its name in the project. */
export function hookOf(hook: Hook | undefined, functionName: string): string | undefined {
  return typeof hook === 'string' ? hook : hook?.get(functionName);
}

/** The functions of the project that are hooks. */
export function hooksOf({ beforeTraffic, afterTraffic }: CodeDeploy): ReadonlySet<string> {
  const names = [beforeTraffic, afterTraffic].flatMap((hook) =>
    hook === undefined ? [] : typeof hook === 'string' ? [hook] : [...hook.values()],
  );
  return new Set(names);
}
