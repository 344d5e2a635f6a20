// The syntax of the Serverless Framework's variables: `${self:custom.name, 'default'}`, nested, with sources of known kinds only,
// so that CloudFormation's `${AWS::Region}` and IAM's `${aws:username}` stay text.
// https://www.serverless.com/framework/docs/guides/variables

export interface Variable {
  /** As written, with its braces. */
  readonly text: string;
  /** Tried in this order. */
  readonly sources: readonly Source[];
}

export type Part = string | Variable;

export type Source =
  | { readonly kind: 'literal'; readonly value: string | number | boolean | null }
  | {
      readonly kind: 'lookup';
      readonly type: string;
      /** What stands in parentheses. */
      readonly params: readonly Part[];
      readonly address: readonly Part[];
    }
  | { readonly kind: 'nested'; readonly parts: readonly Part[] };

const types = new Set([
  'self',
  'opt',
  'env',
  'file',
  'cf',
  's3',
  'ssm',
  'sls',
  'aws',
  'strToBool',
  'param',
  'construct',
  'git',
  'output',
  'state',
  'deep',
  'terraform',
  'vault',
  'doppler',
]);

export function hasVariable(text: string): boolean {
  return text.includes('${') && parseVariables(text).some((part) => typeof part !== 'string');
}

export function parseVariables(text: string): readonly Part[] {
  const parts: Part[] = [];
  let plain = '';
  let at = 0;
  while (at < text.length) {
    const end = text.startsWith('${', at) ? endOf(text, at) : undefined;
    const sources = end === undefined ? undefined : sourcesOf(text.slice(at + 2, end));
    if (end === undefined || sources === undefined) {
      plain += text[at] ?? '';
      at++;
      continue;
    }
    if (plain !== '') parts.push(plain);
    plain = '';
    parts.push({ text: text.slice(at, end + 1), sources });
    at = end + 1;
  }
  if (plain !== '') parts.push(plain);
  return parts;
}

/** The position of the brace that closes the variable at `start`. */
function endOf(text: string, start: number): number | undefined {
  let depth = 0;
  for (let at = start; at < text.length; at++) {
    if (text.startsWith('${', at)) {
      depth++;
      at++;
    } else if (text[at] === '}' && --depth === 0) return at;
  }
  return undefined;
}

/** Undefined if the text in the braces is no variable. */
function sourcesOf(inner: string): readonly Source[] | undefined {
  const [first = '', ...more] = splitTop(inner);
  const source = sourceOf(first.trim());
  if (source === undefined || source.kind === 'literal') return undefined;
  return [source, ...more.map((text) => sourceOf(text.trim()) ?? literal(text.trim()))];
}

/** Splits at commas outside of quotes, braces and parentheses. */
function splitTop(text: string): readonly string[] {
  const pieces: string[] = [];
  let depth = 0;
  let quote = '';
  let current = '';
  for (const [index, character] of [...text].entries()) {
    if (quote !== '') {
      if (character === quote) quote = '';
    } else if ((character === "'" || character === '"') && /(^|[\s,(])$/.test(text.slice(0, index))) quote = character;
    else if (character === '{' || character === '(') depth++;
    else if (character === '}' || character === ')') depth--;
    if (character === ',' && depth === 0 && quote === '') {
      pieces.push(current);
      current = '';
    } else current += character;
  }
  return [...pieces, current];
}

function sourceOf(text: string): Source | undefined {
  if (text.startsWith('${')) return { kind: 'nested', parts: parseVariables(text) };
  if (/^(['"]).*\1$/s.test(text) || /^(true|false|null|-?\d+(\.\d+)?)$/.test(text)) return literal(text);
  const match = /^([A-Za-z][A-Za-z0-9]*)(\.[a-z0-9-]+)?(?=[(:])/.exec(text);
  const type = match?.[1];
  if (match === null || type === undefined || !types.has(type)) return undefined;
  let rest = text.slice(match[0].length);
  let params = match[2]?.slice(1) ?? '';
  if (rest.startsWith('(')) {
    const close = closing(rest);
    if (close === undefined) return undefined;
    params = rest.slice(1, close);
    rest = rest.slice(close + 1);
  }
  if (rest !== '' && !rest.startsWith(':')) return undefined;
  if (rest.startsWith('::')) return undefined;
  const address = rest.slice(1).trim();
  // IAM has policy variables such as ${aws:username}
  if (type === 'aws' && !/^(accountId|region)$/.test(address)) return undefined;
  return { kind: 'lookup', type, params: parseVariables(params.trim()), address: parseVariables(address) };
}

function closing(text: string): number | undefined {
  let depth = 0;
  for (const [index, character] of [...text].entries()) {
    if (character === '(') depth++;
    else if (character === ')' && --depth === 0) return index;
  }
  return undefined;
}

function literal(text: string): Source {
  if (/^(['"]).*\1$/s.test(text)) return { kind: 'literal', value: text.slice(1, -1) };
  if (text === 'true' || text === 'false') return { kind: 'literal', value: text === 'true' };
  if (text === 'null' || text === '') return { kind: 'literal', value: null };
  return {
    kind: 'literal',
    value: /^-?\d+(\.\d+)?$/.test(text) && String(Number(text)) === text ? Number(text) : text,
  };
}
