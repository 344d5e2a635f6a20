// Conditions of rules: what AWS accepts, and whether a request meets them.
// https://docs.aws.amazon.com/elasticloadbalancing/latest/application/rule-condition-types.html
import { BlockList, isIP } from 'node:net';
import type { RuleCondition } from '@aws-sdk/client-elastic-load-balancing-v2';
import { notImplemented } from '../constraint.ts';
import { invalid } from './state.ts';

export interface Asked {
  readonly host: string;
  /** Not decoded. */
  readonly path: string;
  readonly method: string;
  readonly headers: readonly (readonly [name: string, value: string])[];
  /** Not decoded. */
  readonly query: readonly (readonly [key: string, value: string])[];
  readonly sourceIp: string;
}

// https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-limits.html
const mostValues = 5;
const mostWildcards = 5;
const longest = 128;
const onlyOnce = ['host-header', 'path-pattern', 'http-request-method', 'source-ip'];

/** The conditions as AWS describes them: with the configuration of their field. */
export function checkedConditions(given: readonly RuleCondition[] | undefined): RuleCondition[] {
  const conditions = (given ?? []).map(normalized);
  if (conditions.length === 0) throw invalid('A condition must be specified');
  for (const field of onlyOnce) {
    if (conditions.filter(({ Field }) => Field === field).length > 1) {
      throw invalid(`A rule can only have one '${field}' condition`);
    }
  }
  const values = conditions.flatMap(valuesOf);
  if (values.length > mostValues) throw invalid(`A rule can only have '${mostValues}' condition values`);
  const wildcards = conditions
    .filter(({ Field }) => Field !== 'source-ip' && Field !== 'http-request-method')
    .flatMap(valuesOf)
    .join('')
    .replaceAll(/\\[*?]/g, '')
    .match(/[*?]/g);
  if ((wildcards?.length ?? 0) > mostWildcards)
    throw invalid(`A rule can only have '${mostWildcards}' condition wildcards`);
  return conditions;
}

function normalized({ Field, Values, RegexValues, ...configs }: RuleCondition): RuleCondition {
  if ((RegexValues?.length ?? 0) > 0 || Object.values(configs).some((config) => hasRegex(config))) {
    throw notImplemented('elasticloadbalancing: a condition with regular expressions');
  }
  if (Field === 'host-header') {
    const values = configs.HostHeaderConfig?.Values ?? Values ?? [];
    check(Field, values, /^[A-Za-z0-9\-.*?]+$/);
    return { Field, Values: values, HostHeaderConfig: { Values: values } };
  }
  if (Field === 'path-pattern') {
    const values = configs.PathPatternConfig?.Values ?? Values ?? [];
    check(Field, values, /^[A-Za-z0-9_\-.$/~"'@:+&*?]+$/);
    return { Field, Values: values, PathPatternConfig: { Values: values } };
  }
  if (Field === 'http-request-method') {
    check(Field, configs.HttpRequestMethodConfig?.Values ?? [], /^[A-Z_-]{1,40}$/);
  } else if (Field === 'http-header') {
    const { HttpHeaderName = '', Values: values = [] } = configs.HttpHeaderConfig ?? {};
    if (!/^[!#$%&'+.^_`|~0-9A-Za-z-]{1,40}$/.test(HttpHeaderName) || HttpHeaderName.toLowerCase() === 'host') {
      throw invalid(`The http-header name '${HttpHeaderName}' is not valid`);
    }
    check(Field, values, /^[\x20-\x7e]+$/);
  } else if (Field === 'query-string') {
    const pairs = configs.QueryStringConfig?.Values ?? [];
    check(
      Field,
      pairs.map(({ Value = '' }) => Value),
      /^[\x20-\x7e]+$/,
    );
  } else if (Field === 'source-ip') {
    const values = configs.SourceIpConfig?.Values ?? [];
    check(Field, values, /^[0-9a-fA-F.:]+\/\d{1,3}$/);
    for (const block of values) blockOf(block);
  } else {
    throw invalid(
      `Condition field '${Field}' must be one of '[path-pattern, host-header, http-header, http-request-method, query-string, source-ip]'`,
    );
  }
  return { Field, ...configs };
}

const hasRegex = (config: unknown): boolean =>
  ((config as { RegexValues?: unknown[] } | undefined)?.RegexValues?.length ?? 0) > 0;

function check(field: string, values: readonly string[], pattern: RegExp): void {
  if (values.length === 0) throw invalid(`A condition value must be specified for '${field}'`);
  const wrong = values.find((value) => value.length > longest || !pattern.test(value));
  if (wrong !== undefined) throw invalid(`Condition value '${wrong}' of '${field}' is not valid`);
}

function valuesOf({ Values, HostHeaderConfig: _h, PathPatternConfig: _p, ...configs }: RuleCondition): string[] {
  const pairs = configs.QueryStringConfig?.Values?.map(({ Key = '', Value = '' }) => `${Key}${Value}`);
  return [
    ...(Values ?? []),
    ...(configs.HttpHeaderConfig?.Values ?? []),
    ...(configs.HttpRequestMethodConfig?.Values ?? []),
    ...(configs.SourceIpConfig?.Values ?? []),
    ...(pairs ?? []),
  ];
}

/** Whether the request meets all conditions. */
export const meets = (asked: Asked, conditions: readonly RuleCondition[]): boolean =>
  conditions.every((condition) => meetsOne(asked, condition));

function meetsOne(asked: Asked, { Field, Values = [], ...configs }: RuleCondition): boolean {
  switch (Field) {
    case 'host-header':
      return Values.some((pattern) => matches(pattern, asked.host, 'i'));
    case 'path-pattern':
      return Values.some((pattern) => matches(pattern, asked.path, ''));
    case 'http-request-method':
      return configs.HttpRequestMethodConfig?.Values?.includes(asked.method) ?? false;
    case 'http-header': {
      const { HttpHeaderName = '', Values: patterns = [] } = configs.HttpHeaderConfig ?? {};
      const found = asked.headers.filter(([name]) => name === HttpHeaderName.toLowerCase());
      return found.some(([, value]) => patterns.some((pattern) => matches(pattern, value, 'i')));
    }
    case 'query-string': {
      const pairs = configs.QueryStringConfig?.Values ?? [];
      return asked.query.some(([key, value]) =>
        pairs.some(
          (pair) => (pair.Key === undefined || matches(pair.Key, key, 'i')) && matches(pair.Value ?? '', value, 'i'),
        ),
      );
    }
    default:
      return configs.SourceIpConfig?.Values?.some((block) => contains(block, asked.sourceIp)) ?? false;
  }
}

/** `*` is any text, `?` any character; a backslash before one of them makes it literal. */
function matches(pattern: string, text: string, flags: 'i' | ''): boolean {
  const source = pattern.replaceAll(/\\([*?])|[*?]|[.+^${}()|[\]\\]/g, (found, escaped?: string) => {
    if (escaped !== undefined) return `\\${escaped}`;
    if (found === '*') return '.*';
    return found === '?' ? '.' : `\\${found}`;
  });
  return new RegExp(`^${source}$`, `s${flags}`).test(text);
}

function blockOf(block: string): { readonly list: BlockList; readonly version: 4 | 6 } {
  const [address = '', bits = ''] = block.split('/');
  const version = isIP(address);
  if ((version !== 4 && version !== 6) || Number(bits) > (version === 4 ? 32 : 128)) {
    throw invalid(`Condition value '${block}' of 'source-ip' is not valid`);
  }
  const list = new BlockList();
  list.addSubnet(address, Number(bits), version === 4 ? 'ipv4' : 'ipv6');
  return { list, version };
}

function contains(block: string, address: string): boolean {
  const { list, version } = blockOf(block);
  return isIP(address) === version && list.check(address, version === 4 ? 'ipv4' : 'ipv6');
}
