// What single entries cannot show of the WebSocket APIs: unknown names, routes defined twice, what only $connect may have.
import type { Problem, Span } from '../base/error.ts';
import {
  checkAuthorizerFunction,
  checkAuthorizerName,
  checkReachable,
  checkReserved,
  duplicateRoutes,
  unknownApi,
} from './_api-check.ts';
import { checkDomains, domainsIn } from './_domain.ts';
import type { SocketApiSettings, SocketAuthorizer, WebsocketSection } from './_websocket-api.ts';
import type { WebsocketEvent } from './_websocket-event.ts';
import { socketApiOf } from './_websocket-shared.ts';
import type { SourceContext, Use } from './source.ts';

export function checkWebsocket(
  uses: readonly Use<WebsocketEvent>[],
  context: SourceContext<WebsocketSection>,
): Problem[] {
  const { section = {}, sectionAt } = context;
  const apis: readonly SocketApiSettings[] = [section, ...(section.apis?.values() ?? [])];
  return [
    ...apis.flatMap((settings) => checkApi(settings, context, sectionAt)),
    ...duplicateRoutes(uses, { identity: ({ route }) => route, describe: ({ route }) => route }),
    ...uses.flatMap((use) => checkRoute(use, context)),
  ];
}

function checkApi(settings: SocketApiSettings, context: SourceContext<WebsocketSection>, at: Span): Problem[] {
  const { authorizers = new Map<string, SocketAuthorizer>(), authorizer, senders = [], domain = [] } = settings;
  const { websocket: _, ...others } = context.sections;
  const taken = new Set(domainsIn(others).map(({ name }) => name));
  return [
    ...checkDomains(domain, domainsIn(context.sections)),
    ...domain
      .filter(({ name }) => taken.has(name))
      .map(({ name, at: where }) => ({
        at: where,
        // https://docs.aws.amazon.com/apigateway/latest/developerguide/websocket-api-custom-domain-names.html
        message: `${name} is a domain of another kind of API, and AWS does not let a WebSocket API share it`,
        hint: 'give it a domain of its own',
      })),
    ...checkReachable(settings.defaultEndpoint, domain),
    // AWS documents mutual TLS for REST and HTTP APIs only:
    // https://docs.aws.amazon.com/apigateway/latest/developerguide/rest-api-mutual-tls.html
    ...domain
      .filter((one) => one.settings?.mutualTls !== undefined)
      .map(({ at: where }) => ({ at: where, message: 'a WebSocket API has no mutual TLS', hint: 'remove mutualTls' })),
    ...[...authorizers].flatMap(([key, { function: named }]) => [
      ...checkReserved(key, at),
      ...(named === undefined ? [] : checkAuthorizerFunction(named, context)),
    ]),
    ...(authorizer === undefined ? [] : checkAuthorizerName('websocket', authorizer, authorizers.keys())),
    ...senders
      .filter(({ value }) => context.functionNamed(value) === undefined)
      .map(({ value, at: where }) => ({ at: where, message: `there is no function "${value}"` })),
  ];
}

function checkRoute({ config, at }: Use<WebsocketEvent>, context: SourceContext<WebsocketSection>): Problem[] {
  const api = socketApiOf(config, context);
  if (api === undefined) {
    return [unknownApi('websocket', config.api ?? { value: '', at }, context.section?.apis?.keys() ?? [])];
  }
  const problems: Problem[] = [];
  if (config.authorizer !== undefined) {
    if (config.route !== '$connect') {
      const message = `AWS asks an authorizer when a client connects, not for "${config.route}"`;
      problems.push({ at: config.authorizer.at, message, hint: 'set it at $connect' });
    } else {
      const authorizers = api.settings.authorizers ?? new Map<string, SocketAuthorizer>();
      problems.push(...checkAuthorizerName('websocket', config.authorizer, authorizers.keys()));
    }
  }
  if (config.respond === true && config.route === '$disconnect') {
    problems.push({ at, message: 'a client that has disconnected gets no answer', hint: 'remove respond' });
  }
  return problems;
}
