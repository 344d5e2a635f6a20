// Renders mapping templates: Velocity with the variables and functions of API Gateway.
// https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-mapping-template-reference.html
import { Compile, parse } from 'velocityjs';
import { jsonPath } from '../../cfn/json-path.ts';
import { configurationError } from './failure.ts';
import { javaMethod, javaValue, plainValue } from './java-values.ts';
import { headerValue, lastValues, type RestRequest } from './request.ts';

export interface TemplateInput {
  readonly request: RestRequest;
  /** The body of the request, or of the integration's answer. */
  readonly body: string;
  readonly context: Readonly<Record<string, unknown>>;
}

export interface Overrides {
  readonly requestOverride: {
    readonly header: Record<string, unknown>;
    readonly querystring: Record<string, unknown>;
    readonly path: Record<string, unknown>;
  };
  readonly responseOverride: { readonly header: Record<string, unknown>; readonly status?: unknown };
}

export interface Rendered {
  readonly text: string;
  readonly overrides: Overrides;
}

const methods = [
  {
    uid: 'java',
    match: ({ property, context }: { property: string; context: unknown }) =>
      javaMethod(context, property) !== undefined,
    resolve: ({ property, context, params }: { property: string; context: unknown; params: unknown[] }) =>
      javaMethod(context, property)?.(context as never, params),
  },
];

/** Throws a failure if the template is not valid. */
export function render(template: string, { request, body, context }: TemplateInput): Rendered {
  const overrides: Overrides = {
    requestOverride: { header: {}, querystring: {}, path: {} },
    responseOverride: { header: {} },
  };
  const variables = {
    input: inputOf(request, body),
    util: utilities(),
    context: Object.assign(javaValue(context) as object, overrides),
    stageVariables: javaValue(request.variables),
  };
  try {
    // a map or list that the template itself makes prints like the others
    const config = { customMethodHandlers: methods, valueMapper: mapped };
    const text = new Compile(parse(template), config as never).render(variables as never, {}, true);
    return { text, overrides };
  } catch (error) {
    throw configurationError(`Invalid mapping template: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** Only what has no text of its own yet: maps are shared, not copied, so that `put` changes them. */
function mapped(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Object.hasOwn(value, 'toString')) return value;
  return javaValue(value);
}

/** `$input`. */
function inputOf(request: RestRequest, body: string) {
  const value = parsed(body);
  const params = {
    path: request.pathParameters,
    querystring: lastValues(request.query),
    header: lastValues(request.headers),
  };
  return {
    body,
    json: (path: string) => {
      const found = jsonPath(value, path);
      return found === undefined ? '' : JSON.stringify(plainValue(found));
    },
    path: (path: string) => javaValue(jsonPath(value, path)),
    params: (name?: string) => {
      if (name === undefined) return javaValue(params);
      return params.path[name] ?? params.querystring[name] ?? headerValue(request.headers, name) ?? '';
    },
  };
}

function parsed(body: string): unknown {
  if (body === '') return {};
  try {
    return JSON.parse(body) as unknown;
  } catch {
    return body;
  }
}

/** `$util`. */
function utilities() {
  return {
    escapeJavaScript: (value: unknown) => escapeJavaScript(String(value ?? '')),
    parseJson: (value: string) => javaValue(parsed(value)),
    // as Java's URLEncoder
    urlEncode: (value: unknown) =>
      encodeURIComponent(String(value ?? ''))
        .replace(/[!'()~]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`)
        .replace(/%20/g, '+'),
    urlDecode: (value: unknown) => decodeURIComponent(String(value ?? '').replace(/\+/g, ' ')),
    base64Encode: (value: unknown) => Buffer.from(String(value ?? '')).toString('base64'),
    base64Decode: (value: unknown) => Buffer.from(String(value ?? ''), 'base64').toString('utf8'),
  };
}

const escapes: Readonly<Record<string, string>> = {
  '\b': '\\b',
  '\f': '\\f',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '"': '\\"',
  "'": "\\'",
  '/': '\\/',
  '\\': '\\\\',
};

// as commons-lang's StringEscapeUtils
function escapeJavaScript(text: string): string {
  return text.replace(
    // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is escaped
    /["'/\\\u0000-\u001f\u007f-\uffff]/g,
    (char) => escapes[char] ?? `\\u${char.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')}`,
  );
}
