// Schedules, and events of EventBridge buses.
import type { Plain } from '../../../base/located.ts';
import type { Cursor } from '../../cursor.ts';
import { placeOf } from '../../draft.ts';
import { actualText, idIn, type Service, withOurIds } from '../service.ts';
import { add, clean, type EventRule, enabledOf, reference, type Settings, taken } from './rule.ts';

/** `{inputPathsMap, inputTemplate}` → `{paths, template}`. */
function transformerOf(cursor: Cursor | undefined): Plain | undefined {
  if (cursor === undefined) return undefined;
  const paths = cursor.child('inputPathsMap')?.plain();
  const template = cursor.child('inputTemplate')?.plain();
  // <id> without quotes is a value of any type
  const quoted =
    typeof template === 'string' ? template.replace(/(?<=[:,[]\s*)<([\w.-]+)>(?=\s*[,}\]])/g, '"<$1>"') : template;
  return clean({ paths, template: parsed(quoted) });
}

/** JSON in a text, where it is some. */
function parsed(value: Plain | undefined): Plain | undefined {
  if (typeof value !== 'string') return value;
  try {
    return JSON.parse(value) as Plain;
  } catch {
    return value;
  }
}

const inputOf = (cursor: Cursor | undefined): Settings => {
  if (cursor === undefined) return {};
  return { input: parsed(cursor.plain()) };
};

export const schedule: EventRule = (context) => {
  const { config } = context;
  if (!config.isMap)
    return void add(context, 'schedule', { expression: expressionOf(config.text() ?? ''), rule: true });
  const rates = config.child('rate')?.each() ?? [];
  const method = config.child('method')?.text();
  const group = config.child('groupName')?.plain();
  const timezone = config.child('timezone')?.plain();
  const isScheduler = method === 'scheduler' || group !== undefined || timezone !== undefined;
  const inputPath = config.child('inputPath')?.plain();
  const transformer = transformerOf(config.child('inputTransformer'));
  const common: Settings = {
    ...taken(config, { name: 'name', description: 'description' }),
    ...(group === undefined ? {} : { group }),
    ...(timezone === undefined ? {} : { timezone }),
    ...enabledOf(config),
    ...inputOf(config.child('input')),
  };
  const rule = isScheduler
    ? undefined
    : inputPath === undefined && transformer === undefined
      ? true
      : clean({ inputPath, transformer });
  for (const [index, rate] of rates.entries()) {
    for (const each of rate.each()) {
      const expression = each.plain();
      // one name cannot be that of two rules
      const { name: _, ...unnamed } = common;
      const { timezone: zone, ...without } = index === 0 ? common : unnamed;
      // a rate is the same in every time zone
      const isRate = typeof expression === 'string' && expression.trim().startsWith('rate(');
      add(context, 'schedule', {
        expression: typeof expression === 'string' ? expressionOf(expression) : expression,
        ...without,
        ...(zone === undefined || isRate ? {} : { timezone: zone }),
        rule,
      });
    }
  }
};

/** `rate( 5 minutes )` as AWS writes it; `rate(1 minutes)` is refused by AWS. */
function expressionOf(text: string): string {
  const match = /^\s*rate\(\s*(\d+)\s+(minute|hour|day)s?\s*\)\s*$/.exec(text);
  if (match === null) return text.trim();
  return `rate(${match[1]} ${match[2]}${match[1] === '1' ? '' : 's'})`;
}

export const eventBridge: EventRule = (context) => {
  const { service, config } = context;
  const bus = config.child('eventBus');
  const retry = config.child('retryPolicy');
  const deadLetters = reference(service, config.child('deadLetterQueueArn')?.plain());
  const shared: Settings = {
    ...taken(config, { name: 'name', description: 'description', inputPath: 'inputPath' }),
    ...enabledOf(config),
    ...inputOf(config.child('input')),
    ...(retry === undefined
      ? {}
      : {
          retry: clean({
            attempts: retry.child('maximumRetryAttempts')?.plain(),
            age: retry.child('maximumEventAge')?.plain(),
          }),
        }),
    ...(deadLetters === undefined ? {} : { deadLetters }),
  };
  const transformer = transformerOf(config.child('inputTransformer'));
  const pattern = config.child('pattern')?.plain();
  if (pattern !== undefined) {
    add(context, 'eventbridge', {
      bus: bus === undefined ? undefined : busOf(service, bus),
      pattern: withOurIds(service, pattern),
      ...shared,
      transformer,
    });
  }
  const rate = config.child('schedule');
  if (rate === undefined) return;
  const { inputPath, ...rest } = shared;
  const rule = inputPath === undefined && transformer === undefined ? true : clean({ inputPath, transformer });
  const { deadLetters: _, retry: __, ...forRule } = rest;
  add(context, 'schedule', { expression: expressionOf(rate.text() ?? ''), ...forRule, rule });
};

/** A bus by name is made by the Serverless Framework, too. */
function busOf(service: Service, bus: Cursor): Plain | undefined {
  const plain = bus.plain();
  const id = idIn(plain);
  if (id !== undefined && service.resources.has(id)) return id;
  if (typeof plain !== 'string') return withOurIds(service, plain);
  if (plain === 'default') return undefined;
  if (plain.startsWith('arn:')) return plain;
  const key = `bus:${plain}`;
  const known = service.made.get(key);
  if (known !== undefined) return known;
  const taken = new Set(Object.keys((service.draft.get(['eventbridge', 'buses']) ?? {}) as object));
  const base =
    (actualText(service, plain) ?? plain).replace(/[^A-Za-z0-9_-]+/g, '-').replace(/^[^A-Za-z]+/, '') || 'bus';
  const name = taken.has(base) ? `${base}-2` : base;
  service.made.set(key, name);
  service.draft.set(['eventbridge', 'buses', name], name === plain ? { name: plain } : { name: plain }, placeOf(bus));
  return name;
}

export const cloudwatchEvent: EventRule = (context) => {
  const { config } = context;
  add(context, 'eventbridge', {
    pattern: withOurIds(context.service, config.child('event')?.plain() ?? null),
    ...taken(config, { name: 'name', description: 'description', inputPath: 'inputPath' }),
    ...enabledOf(config),
    ...inputOf(config.child('input')),
    transformer: transformerOf(config.child('inputTransformer')),
  });
};
