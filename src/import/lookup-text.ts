// Text on its way into project.yml: literal characters, and lookups of fx between two private characters, so that a literal
// `${` of the source and a lookup are never confused.

const open = '\uE000';
const close = '\uE001';

/** A text that is one lookup of fx, such as `env` or `params.domain`. */
export function lookup(name: string): string {
  return `${open}${name}${close}`;
}

export interface LookupPart {
  /** The lookup without its braces; it may contain others. */
  readonly name: string;
}

export function hasLookups(text: string): boolean {
  return text.includes(open);
}

/** The literal parts and the outermost lookups. */
export function partsOf(text: string): readonly (string | LookupPart)[] {
  const parts: (string | LookupPart)[] = [];
  let depth = 0;
  let current = '';
  for (const character of text) {
    if (character === open && depth++ === 0) {
      if (current !== '') parts.push(current);
      current = '';
    } else if (character === close && --depth === 0) {
      parts.push({ name: current });
      current = '';
    } else current += character;
  }
  if (current !== '') parts.push(current);
  return parts;
}

/** The text with the value of each lookup; undefined if a value is not known. */
export function withValues(text: string, values: (name: string) => string | undefined): string | undefined {
  let result = '';
  for (const part of partsOf(text)) {
    if (typeof part === 'string') result += part;
    else {
      const value = values(part.name);
      if (value === undefined) return undefined;
      result += value;
    }
  }
  return result;
}

/** The text with something in the place of each lookup. */
export function replaceLookups(text: string, replace: (name: string) => string): string {
  return partsOf(text)
    .map((part) => (typeof part === 'string' ? part : replace(part.name)))
    .join('');
}

/** What of a text is known whatever the environment. */
export const withoutLookups = (text: string): string => replaceLookups(text, () => '');

/** A Sub whose variables fx can look up, as text, for where fx takes no intrinsics; undefined for any other value. */
export function textOfSub(value: unknown): string | undefined {
  const sub =
    typeof value === 'object' && value !== null ? (value as { readonly 'Fn::Sub'?: unknown })['Fn::Sub'] : undefined;
  if (typeof sub !== 'string') return undefined;
  const text = sub
    .replaceAll('${AWS::StackName}', () => `${lookup('name')}-${lookup('env')}`)
    .replaceAll('${AWS::Region}', () => lookup('region'))
    .replaceAll('${AWS::AccountId}', () => lookup('account'));
  return text.includes('${') ? undefined : text;
}

/** For people: lookups with their braces. */
export function readable(text: string): string {
  return partsOf(text)
    .map((part) => (typeof part === 'string' ? part : `\${${inside(part.name)}}`))
    .join('');
}

/** As project.yml has it: a literal `${` is escaped. */
export function written(text: string): string {
  return partsOf(text)
    .map((part) => (typeof part === 'string' ? part.replaceAll('${', () => '$${') : `\${${inside(part.name)}}`))
    .join('');
}

/** The text of a lookup inside a lookup. */
function inside(name: string): string {
  return name.replaceAll(open, () => '${').replaceAll(close, '}');
}
