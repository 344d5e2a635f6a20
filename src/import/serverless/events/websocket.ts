// `websocket`: routes of a WebSocket API.
import type { Cursor } from '../../cursor.ts';
import { lookup } from '../../lookup-text.ts';
import type { Service } from '../service.ts';
import { functionOrArn, isIntrinsicCursor, lastOf, named } from './api.ts';
import { add, clean, type EventRule, type Settings } from './rule.ts';

export const websocket: EventRule = (context) => {
  const { service, config } = context;
  if (!service.draft.has(['websocket', 'stage'])) service.draft.set(['websocket', 'stage'], lookup('env'));
  if (!config.isMap) return void add(context, 'websocket', config.text() ?? '$default');
  const route = config.child('route')?.plain();
  const authorizer = config.child('authorizer');
  const respond = config.child('routeResponseSelectionExpression');
  respond?.plain();
  const all: Settings = {
    authorizer: authorizer === undefined ? undefined : socketAuthorizer(service, authorizer),
    respond: respond === undefined ? undefined : true,
  };
  const isAlone = Object.values(all).every((value) => value === undefined);
  add(context, 'websocket', isAlone && typeof route === 'string' ? route : { route, ...all });
};

function socketAuthorizer(service: Service, authorizer: Cursor): string {
  const text = authorizer.text();
  if (text?.toLowerCase() === 'aws_iam' || authorizer.child('type')?.text()?.toLowerCase() === 'aws_iam') return 'iam';
  const isMapped = authorizer.isMap && !isIntrinsicCursor(authorizer);
  const name = isMapped ? authorizer.child('name')?.text() : undefined;
  const target = isMapped ? (authorizer.child('arn')?.plain() ?? name) : authorizer.plain();
  const identity = isMapped ? authorizer.child('identitySource')?.plain() : undefined;
  const settings = clean({
    ...functionOrArn(service, target),
    identitySource: identity ?? 'route.request.header.Auth',
  });
  return named(
    service,
    'websocket',
    name ?? (typeof target === 'string' ? lastOf(target) : 'authorizer'),
    settings,
    authorizer,
  );
}
