// Generated physical names: stack, logical id and a random part, cut to the type's limit.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-properties-name.html
import { randomLetters } from '../random.ts';
import type { NameRule } from './resources/provider.ts';
import type { Properties } from './stack.ts';

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789';
const randomLength = 12;

export function randomPart(): string {
  return randomLetters(randomLength, alphabet);
}

export function physicalName(
  stackName: string,
  logicalId: string,
  rule: NameRule | undefined,
  properties: Properties,
): string {
  const physicalName = rule === undefined ? undefined : properties[rule.property];
  if (typeof physicalName === 'string' && physicalName !== '') return physicalName;
  const suffix = rule?.suffix?.(properties) ?? '';
  const room = (rule?.limit ?? 255) - randomLength - suffix.length - 2;
  // Each of the two gets half of the space, plus the rest of the other's half.
  const half = Math.floor(room / 2);
  const front = rule?.front ?? stackName;
  const stack = front.slice(0, Math.max(half, room - logicalId.length));
  const name = `${stack}-${logicalId.slice(0, room - stack.length)}-${randomPart()}`;
  const plain = rule?.alphanumeric === true ? name.replace(/[^A-Za-z0-9]/g, '') : name;
  return (rule?.lowerCase === true ? plain.toLowerCase() : plain) + suffix;
}
