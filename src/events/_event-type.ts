// The TypeScript types of events, for `fx types`. `lambda` is the module aws-lambda, of the package @types/aws-lambda.

import type { Plain } from '../base/located.ts';
import { propertyName } from '../base/property-name.ts';

/** A request with the parameters that its path has. */
export function requestType(name: string, path: string): string {
  const parameters = [...path.matchAll(/\{([^}+]+)\+?\}/g)].map(
    ([, parameter = '']) => `${propertyName(parameter)}: string`,
  );
  return parameters.length === 0
    ? `lambda.${name}`
    : `lambda.${name} & { pathParameters: { ${parameters.join('; ')} } }`;
}

/** An event of a bus that a pattern lets through. */
export function busEventType(pattern: Plain): string {
  const { 'detail-type': detailType, detail } = pattern as { readonly 'detail-type'?: Plain; readonly detail?: Plain };
  return `lambda.EventBridgeEvent<${detailType === undefined ? 'string' : typeOfConditions(detailType)}, ${detail === undefined ? 'unknown' : typeOfPattern(detail)}>`;
}

type Members = Readonly<Record<string, Plain>>;

/** An object with at least the members of a pattern. */
function typeOfPattern(pattern: Plain): string {
  const members = Object.entries(pattern as Members).flatMap(([key, value]) =>
    key === '$or'
      ? []
      : [
          `${propertyName(key)}${mayBeAbsent(value) ? '?' : ''}: ${Array.isArray(value) ? typeOfConditions(value) : typeOfPattern(value)}`,
        ],
  );
  return `{ ${[...members, '[other: string]: unknown'].join('; ')} }`;
}

const operatorsOf = (value: Plain): readonly (readonly [string, Plain])[] =>
  Array.isArray(value)
    ? value.flatMap((each: Plain) => (typeof each === 'object' && each !== null ? Object.entries(each as Members) : []))
    : [];

const mayBeAbsent = (value: Plain): boolean =>
  operatorsOf(value).some(([operator, operand]) => operator === 'exists' && operand === false);

/** What a value may be of which a pattern has these conditions. */
function typeOfConditions(conditions: Plain): string {
  const types = [conditions].flat().map((condition: Plain): string => {
    if (typeof condition !== 'object' || condition === null) return JSON.stringify(condition);
    const [operator = ''] = Object.keys(condition);
    if (operator === 'numeric') return 'number';
    return ['prefix', 'suffix', 'wildcard', 'equals-ignore-case', 'cidr'].includes(operator) ? 'string' : 'unknown';
  });
  // EventBridge matches an element of an array too
  const union = types.includes('unknown') ? 'unknown' : [...new Set(types)].join(' | ');
  return union === '' ? 'unknown' : union;
}
