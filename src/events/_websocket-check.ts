// What single entries cannot show of the WebSocket APIs: unknown names, routes defined twice, what only $connect may have.
import type { Problem, Span } from '../base/error.ts';
import { nearest } from '../base/suggest.ts';
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
    ...duplicates(uses),
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
    ...(settings.defaultEndpoint?.value === false && domain.length === 0
      ? [
          {
            at: settings.defaultEndpoint.at,
            message: 'nobody can reach an API without its endpoint and without a domain',
            hint: 'give it a domain',
          },
        ]
      : []),
    ...[...authorizers].flatMap(([key, value]) => checkAuthorizer(key, value, context, at)),
    ...(authorizer === undefined ? [] : checkName(authorizer.value, authorizers, authorizer.at)),
    ...senders
      .filter(({ value }) => context.functionNamed(value) === undefined)
      .map(({ value, at: where }) => ({ at: where, message: `there is no function "${value}"` })),
  ];
}

function checkAuthorizer(
  key: string,
  { function: named }: SocketAuthorizer,
  { functionNamed }: SourceContext<WebsocketSection>,
  at: Span,
): Problem[] {
  if (key === 'iam' || key === 'none') {
    return [{ at, message: `an authorizer cannot have the name "${key}", which has a meaning of its own` }];
  }
  if (named === undefined) return [];
  const target = functionNamed(named.name);
  if (target === undefined) {
    const message = `there is no function "${named.name}"`;
    return [{ at: named.at, message, hint: 'for a function elsewhere, write arn' }];
  }
  if (target.condition === undefined) return [];
  const message = `"${named.name}" exists only if the condition "${target.condition}" holds, so it cannot authorize an API`;
  return [{ at: named.at, message }];
}

function checkName(name: string, authorizers: ReadonlyMap<string, SocketAuthorizer>, at: Span): Problem[] {
  if (name === 'iam' || name === 'none' || authorizers.has(name)) return [];
  const suggestion = nearest(name, [...authorizers.keys(), 'iam', 'none']);
  const hint = suggestion === undefined ? 'define it under websocket.authorizers' : `did you mean "${suggestion}"?`;
  return [{ at, message: `there is no authorizer "${name}"`, hint }];
}

function checkRoute({ config, at }: Use<WebsocketEvent>, context: SourceContext<WebsocketSection>): Problem[] {
  const api = socketApiOf(config, context);
  if (api === undefined) {
    const name = config.api?.value ?? '';
    const suggestion = nearest(name, [...(context.section?.apis?.keys() ?? [])]);
    const hint = suggestion === undefined ? 'define it under websocket.apis' : `did you mean "${suggestion}"?`;
    return [{ at: config.api?.at ?? at, message: `there is no API "${name}"`, hint }];
  }
  const problems: Problem[] = [];
  if (config.authorizer !== undefined) {
    if (config.route !== '$connect') {
      const message = `AWS asks an authorizer when a client connects, not for "${config.route}"`;
      problems.push({ at: config.authorizer.at, message, hint: 'set it at $connect' });
    } else {
      const authorizers = api.settings.authorizers ?? new Map<string, SocketAuthorizer>();
      problems.push(...checkName(config.authorizer.value, authorizers, config.authorizer.at));
    }
  }
  if (config.respond === true && config.route === '$disconnect') {
    problems.push({ at, message: 'a client that has disconnected gets no answer', hint: 'remove respond' });
  }
  return problems;
}

function duplicates(uses: readonly Use<WebsocketEvent>[]): Problem[] {
  const claimed = new Map<string, string>();
  return uses.flatMap(({ function: { name }, config, at }): Problem[] => {
    const key = `${config.api?.value ?? ''} ${config.route}`;
    const other = claimed.get(key);
    claimed.set(key, name);
    if (other === undefined) return [];
    return [{ at, message: `the route "${config.route}" is defined twice: "${other}" already has it` }];
  });
}
