// A value of a template as short text for people: references readable, long values shortened, secrets hidden.
import { isMap } from '../base/plain.ts';
import { canonicalJson } from './resource.ts';
import { isIntrinsic } from './resource-schema.ts';

const longest = 80;
/** Artifact keys and hashes: their beginning is enough. */
const longHash = /[0-9a-f]{40,}/g;
const hashLength = 12;

/** The whole value on one line: `${Orders.Arn}` for a reference, as in a Fn::Sub; text as it is; JSON for the rest. */
export function fullText(value: unknown): string {
  if (typeof value === 'string') return value;
  if (Array.isArray(value)) return `[${value.map(fullText).join(', ')}]`;
  if (isIntrinsic(value)) return intrinsicText(value);
  if (!isMap(value)) return canonicalJson(value);
  return `{${Object.entries(value)
    .map(([key, item]) => `${key}: ${fullText(item)}`)
    .join(', ')}}`;
}

/** The same, shortened for a line of output. */
export function valueText(value: unknown): string {
  const text = fullText(value)
    .replaceAll(longHash, (hash) => `${hash.slice(0, hashLength)}…`)
    // a value must not move the cursor or start a new line
    .replace(/[\p{Cc}\p{Cf}]+/gu, ' ');
  return text.length <= longest ? text : `${text.slice(0, longest - 1)}…`;
}

function intrinsicText(value: Readonly<Record<string, unknown>>): string {
  const [[name = '', inner] = []] = Object.entries(value);
  const items = Array.isArray(inner) ? inner : [inner];
  const text = (index: number) => fullText(items[index]);
  switch (name) {
    case 'Ref':
      return `\${${text(0)}}`;
    case 'Fn::GetAtt':
      return `\${${items.map(fullText).join('.')}}`;
    case 'Fn::Sub':
      return items.length === 2 ? `${text(0)} with ${text(1)}` : text(0);
    case 'Fn::Join':
      return Array.isArray(items[1]) ? items[1].map(fullText).join(text(0)) : `join ${text(1)}`;
    case 'Fn::If':
      return `if ${text(0)} then ${text(1)} else ${text(2)}`;
    case 'Fn::ImportValue':
      return `import ${text(0)}`;
    default:
      return `${name.replace('Fn::', '')}(${items.map(fullText).join(', ')})`;
  }
}

const secretName = /secret|token|passw(or)?d|passphrase|api_?key|private_?key|credential/i;
/** A reference to a secret is not itself a secret: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/dynamic-references.html */
const isHarmless = (value: unknown) =>
  typeof value === 'boolean' || typeof value === 'number' || isIntrinsic(value) || isReference(value);
const isReference = (value: unknown) => typeof value === 'string' && /^\{\{resolve:|^arn:/.test(value);
export const hidden = '(hidden)';

/** The value, unless its name says that it is a secret: a plan ends up in logs and comments. Below a map, each by its own name. */
export function withoutSecrets(value: unknown, name = ''): unknown {
  // the names of the secrets that fx loads, by variable
  if (name === 'FX_SECRETS') return value;
  if (Array.isArray(value)) return value.map((item) => withoutSecrets(item, name));
  if (isMap(value) && !isIntrinsic(value)) {
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, withoutSecrets(item, key)]));
  }
  return value !== undefined && secretName.test(name) && !isHarmless(value) ? hidden : value;
}

/** The same for a value that CloudFormation prints as text: JSON, if it is not simple, and sometimes only its beginning. */
export function textWithoutSecrets(text: string, name: string): string {
  if (!/^[[{]/.test(text)) return String(withoutSecrets(text, name));
  try {
    return JSON.stringify(withoutSecrets(JSON.parse(text), name));
  } catch {
    return secretName.test(text) ? hidden : text;
  }
}
