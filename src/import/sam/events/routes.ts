// Routes of APIs in a SAM template: the events Api and HttpApi.
import type { Plain } from '../../../base/located.ts';
import type { Cursor } from '../../cursor.ts';
import { placeOf } from '../../draft.ts';
import { ofApi } from '../auth.ts';
import { idIn, type SamTemplate } from '../template.ts';
import { add, type Rule, type Settings } from './event.ts';

/** The API of an event: that of its section, or one by name. */
function apiOf(sam: SamTemplate, id: string | undefined): Settings {
  const name = id === undefined ? undefined : sam.apis.get(id)?.name;
  return name === undefined ? {} : { api: name };
}

/** An API of the template; one of elsewhere is reported. */
function apiIdOf(sam: SamTemplate, cursor: Cursor | undefined): string | undefined {
  if (cursor === undefined) return undefined;
  const id = idIn(cursor.plain());
  if (id !== undefined && sam.apis.has(id)) return id;
  sam.draft.dropped(placeOf(cursor), 'the API of the event is not in this template', {
    remedy: 'name it under apis with its id, and in the event: api',
  });
  return undefined;
}

function secondsOf(properties: Cursor): number | undefined {
  const millis = properties.child('TimeoutInMillis')?.number();
  return millis === undefined ? undefined : Math.max(1, Math.floor(millis / 1000));
}

export const rest: Rule = (event) => {
  const { sam, properties } = event;
  const method = (properties.child('Method')?.text() ?? 'any').toUpperCase();
  const path = properties.child('Path')?.text() ?? '/';
  const id = apiIdOf(sam, properties.child('RestApiId'));
  const { draft } = sam;
  if (id === undefined && !draft.has(['rest', 'stage'])) draft.set(['rest', 'stage'], 'Prod');
  const auth = properties.child('Auth');
  const authorizer = auth?.child('Authorizer')?.text();
  const ofItsApi = ofApi(sam, 'rest', { id, authorizer });
  const scopes = auth?.child('AuthorizationScopes')?.plain() ?? ofItsApi.scopes;
  const apiKey = auth?.child('ApiKeyRequired')?.flag() ?? ofItsApi.apiKey;
  auth?.child('OverrideApiAuth')?.plain();
  auth?.child('InvokeRole')?.plain();
  const streams = properties.child('ResponseTransferMode')?.text() === 'STREAM';
  const parameters = properties.child('RequestParameters')?.each() ?? [];
  const request: { query?: Record<string, boolean>; headers?: Record<string, boolean> } = {};
  for (const parameter of parameters) {
    const texts = parameter.isMap ? parameter.keys() : [parameter.text() ?? ''];
    for (const text of texts) {
      const required = parameter.isMap ? parameter.child(text)?.child('Required')?.flag() === true : false;
      if (parameter.isMap) parameter.child(text)?.child('Caching')?.plain();
      const [, , kind, name = ''] = /^(method\.request)\.(querystring|header|path)\.(.+)$/.exec(text) ?? [];
      if (kind === 'querystring') request.query = { ...request.query, [name]: required };
      if (kind === 'header') request.headers = { ...request.headers, [name]: required };
      if (kind === undefined) {
        if (parameter.isMap) parameter.child(text)?.plain();
        draft.dropped(placeOf(parameter), `"${text}" is no parameter of a request`, {
          remedy: 'write it under request',
        });
      }
    }
  }
  const model = properties.child('RequestModel');
  const body = model?.child('Model')?.plain();
  for (const key of ['Required', 'ValidateBody', 'ValidateParameters']) model?.child(key)?.plain();
  const hasRequest = Object.keys(request).length > 0 || body !== undefined;
  const settings: Settings = {
    ...apiOf(sam, id),
    authorizer: authorizer === 'NONE' ? 'none' : authorizer === 'AWS_IAM' ? 'iam' : authorizer,
    scopes,
    apiKey: apiKey === true ? true : undefined,
    timeout: secondsOf(properties),
    stream: streams ? true : undefined,
    request: hasRequest ? ({ ...request, ...(body === undefined ? {} : { body }) } as Plain) : undefined,
  };
  const route = `${method} ${path.startsWith('/') ? path : `/${path}`}`;
  add(event, 'rest', Object.values(settings).every((value) => value === undefined) ? route : { route, ...settings });
};

export const http: Rule = (event) => {
  const { sam, properties } = event;
  const method = (properties.child('Method')?.text() ?? 'any').toUpperCase();
  const path = properties.child('Path')?.text();
  const id = apiIdOf(sam, properties.child('ApiId'));
  const auth = properties.child('Auth');
  const authorizer = auth?.child('Authorizer')?.text();
  const settings: Settings = {
    ...apiOf(sam, id),
    authorizer: authorizer === 'NONE' ? 'none' : authorizer === 'AWS_IAM' ? 'iam' : authorizer,
    scopes: auth?.child('AuthorizationScopes')?.plain() ?? ofApi(sam, 'http', { id, authorizer }).scopes,
    payload: properties.child('PayloadFormatVersion')?.text(),
    timeout: secondsOf(properties),
  };
  const route =
    path === undefined || path === '$default'
      ? '$default'
      : `${method === 'X-AMAZON-APIGATEWAY-ANY-METHOD' ? 'ANY' : method} ${path}`;
  add(event, 'http', Object.values(settings).every((value) => value === undefined) ? route : { route, ...settings });
};
