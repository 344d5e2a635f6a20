// The data plane: the rule that a request meets, and what its action answers.

import type { IncomingMessage } from 'node:http';
import type { Action } from '@aws-sdk/client-elastic-load-balancing-v2';
import { AwsError } from '../cloud.ts';
import { type HttpResponse, readBody, requestFacts } from '../http-servers.ts';
import { meets } from './conditions.ts';
import { type AlbRequest, eventOf, isMultiValue } from './event.ts';
import { badGateway, failure, fixedResponse, redirect, responseOf } from './response.ts';
import { type BalancerContext, type Listener, listenersOf, principal, rulesOf, type TargetGroup } from './state.ts';

// https://docs.aws.amazon.com/elasticloadbalancing/latest/application/lambda-functions.html, "Limits"
const mostBodyBytes = 1_048_576;

export async function respond(
  context: BalancerContext,
  listener: Listener,
  incoming: IncomingMessage,
): Promise<HttpResponse> {
  const facts = requestFacts(incoming);
  const authority = incoming.headers.host ?? '';
  const body = await readBody(incoming, mostBodyBytes);
  const request = {
    ...facts,
    listener,
    authority,
    // a domain answers on this machine under its name with .localhost after it
    host: authority.replace(/:\d+$/, '').replace(/\.localhost$/i, ''),
    path: facts.rawPath,
    query: queryPairs(facts.rawQuery),
    body: body ?? Buffer.alloc(0),
    time: context.cloud.now(),
  };
  const rule = rulesOf(context, listener.arn).find(({ conditions }) => meets(request, conditions));
  const [action] = rule?.actions ?? listener.defaultActions;
  if (action === undefined) return failure(503);
  if (action.Type === 'fixed-response') return fixedResponse(action);
  if (action.Type === 'redirect') {
    const siblings = listenersOf(context, listener.loadBalancerArn);
    return redirect(action, request, (port) => siblings.find((sibling) => sibling.port === port)?.localPort);
  }
  const group = chosenGroup(context, action);
  if (group?.target === undefined) return failure(503);
  // upgrades never reach a function
  if (incoming.headers.upgrade !== undefined && /upgrade/i.test(incoming.headers.connection ?? '')) return failure(400);
  if (body === undefined) return failure(413);
  return callTarget(context, group, request);
}

/** One of the groups, as often as its weight says. */
function chosenGroup({ groups }: BalancerContext, { ForwardConfig }: Action): TargetGroup | undefined {
  const tuples = ForwardConfig?.TargetGroups ?? [];
  const total = tuples.reduce((sum, { Weight = 1 }) => sum + Weight, 0);
  let left = Math.random() * total;
  const chosen = tuples.find(({ Weight = 1 }) => {
    left -= Weight;
    return left < 0;
  });
  return groups.get(chosen?.TargetGroupArn ?? '');
}

async function callTarget({ cloud }: BalancerContext, group: TargetGroup, request: AlbRequest): Promise<HttpResponse> {
  const invocation = { FunctionName: group.target, Payload: Buffer.from(JSON.stringify(eventOf(group, request))) };
  try {
    const answer = await cloud.call('lambda', 'Invoke', invocation, {
      kind: 'service',
      service: principal,
      sourceArn: group.arn,
    });
    if (answer.FunctionError !== undefined) return badGateway;
    return responseOf(Buffer.from(answer.Payload ?? []), isMultiValue(group)) ?? badGateway;
  } catch (error) {
    // without permission, throttled, or gone: the client learns no more
    if (error instanceof AwsError && error.status < 500) return badGateway;
    throw error;
  }
}

/** Not decoded, as in the events. */
function queryPairs(rawQuery: string): (readonly [string, string])[] {
  return rawQuery
    .split('&')
    .filter((part) => part !== '')
    .map((part) => {
      const at = part.indexOf('=');
      return at === -1 ? [part, ''] : [part.slice(0, at), part.slice(at + 1)];
    });
}
