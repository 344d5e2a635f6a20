// Stack policies: what an update may do to the resources of a stack.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/protect-stack-resources.html
import { wildcard } from '../iam/evaluation.ts';
import { invalid } from './problem.ts';
import type { Resource, Stack } from './stack.ts';
import { isMap, type JsonMap } from './template-text.ts';

export type UpdateAction = 'Update:Modify' | 'Update:Replace' | 'Update:Delete';

interface PolicyStatement {
  readonly isAllowed: boolean;
  readonly actions: Matcher;
  readonly resources: Matcher;
  /** Absent: any type. */
  readonly types?: Matcher;
}

interface Matcher {
  readonly patterns: readonly string[];
  /** Of NotAction and NotResource: what the patterns do not match. */
  readonly isNegated: boolean;
}

const members = ['Sid', 'Effect', 'Action', 'NotAction', 'Principal', 'Resource', 'NotResource', 'Condition'];

/** Throws unless the text is a stack policy. One without statements, `{}`, protects nothing. */
export function checkStackPolicy(text: string): void {
  readStatements(text);
}

/** Why the stack's policy, or the one for this update, forbids a change; undefined if it allows it. */
export function denialOf(
  { policy, operation }: Stack,
  action: UpdateAction,
  { logicalId, type }: Resource,
): string | undefined {
  const text = operation.policyDuring ?? policy;
  const statements = text === undefined ? undefined : readStatements(text);
  if (statements === undefined) return undefined;
  const applying = statements.filter(
    ({ actions, resources, types }) =>
      matches(actions, action) &&
      matches(resources, `LogicalResourceId/${logicalId}`) &&
      (types === undefined || matches(types, type)),
  );
  const denying = applying.filter(({ isAllowed }) => !isAllowed);
  if (denying.length > 0) {
    // https://github.com/Kotaimen/awscfncli has such an event of 2017; it quotes the statement, not the action.
    const statementWords = denying.map(
      ({ actions, resources }, index) =>
        `Statement [#${index + 1}] does not allow [${actions.patterns.join(', ')}] for resource [${resources.patterns.join(', ')}];`,
    );
    return `Action denied by stack policy: ${statementWords.join(' ')}`;
  }
  // The message if no statement allows the update, as in LocalStack's tests, which are validated against AWS.
  return applying.length > 0 ? undefined : 'Action not allowed by stack policy';
}

function matches({ patterns, isNegated }: Matcher, text: string): boolean {
  return patterns.some((pattern) => wildcard(pattern).test(text)) !== isNegated;
}

function readStatements(text: string): readonly PolicyStatement[] | undefined {
  const document = parse(text);
  if (!isMap(document)) throw invalidPolicy();
  const { Statement, ...others } = document;
  if (Object.keys(others).some((key) => key !== 'Version')) throw invalidPolicy();
  if (Statement === undefined) return undefined;
  return [Statement].flat().map(readStatement);
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw invalidPolicy();
  }
}

function readStatement(statement: unknown): PolicyStatement {
  if (!isMap(statement)) throw invalidPolicy();
  const { Effect, Principal, Condition } = statement;
  const isKnown = Object.keys(statement).every((key) => members.includes(key));
  if (!isKnown || (Effect !== 'Allow' && Effect !== 'Deny') || Principal !== '*') throw invalidPolicy();
  const actions = readMatcher(statement, 'Action', /^Update:(Modify|Replace|Delete|\*)$/);
  const resources = readMatcher(statement, 'Resource', /^(\*|LogicalResourceId\/.+)$/);
  const types = Condition === undefined ? undefined : readCondition(Condition);
  return { isAllowed: Effect === 'Allow', actions, resources, ...(types === undefined ? {} : { types }) };
}

function readMatcher(statement: JsonMap, name: 'Action' | 'Resource', form: RegExp): Matcher {
  const [positive, negative] = [statement[name], statement[`Not${name}`]];
  if ((positive === undefined) === (negative === undefined)) throw invalidPolicy();
  return { patterns: readTexts(positive ?? negative, form), isNegated: positive === undefined };
}

/** StringEquals or StringLike on ResourceType, the only key there is. */
function readCondition(condition: unknown): Matcher {
  if (!isMap(condition)) throw invalidPolicy();
  const [[operator, keys] = ['', undefined], ...more] = Object.entries(condition);
  if (more.length > 0 || !['StringEquals', 'StringLike'].includes(operator) || !isMap(keys)) throw invalidPolicy();
  if (Object.keys(keys).join() !== 'ResourceType') throw invalidPolicy();
  return { patterns: readTexts(keys['ResourceType'], /./), isNegated: false };
}

function readTexts(value: unknown, form: RegExp): string[] {
  const texts = [value].flat().filter((text): text is string => typeof text === 'string' && form.test(text));
  if (texts.length === 0 || texts.length !== [value].flat().length) throw invalidPolicy();
  return texts;
}

function invalidPolicy(): Error {
  return invalid('Error validating stack policy: Invalid stack policy');
}
