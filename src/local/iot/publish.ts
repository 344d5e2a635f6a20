// Messages of MQTT over HTTP: each rule that is about one runs its actions. Nobody can subscribe here.
// https://docs.aws.amazon.com/iot/latest/apireference/API_iotdata_Publish.html
import { randomUUID } from 'node:crypto';
import type { Statement } from '../../cfn/iot-sql.ts';
import type { Message } from '../../cfn/iot-sql-values.ts';
import { isTopic, ruleIn, withoutRule } from '../../cfn/iot-topics.ts';
import { AwsError, type Cloud, type Operations } from '../cloud.ts';
import { type Failure, type Republished, runAction, type Sent } from './actions.ts';
import { type Rule, ruleArn, rulesOf } from './rules.ts';
import { parseStatement } from './sql.ts';

const mostBytes = 131_072;
/** Rules that publish for each other go on without end on AWS. */
const mostHops = 10;

interface Published {
  readonly topic: string;
  readonly payload: Buffer;
  readonly hops: number;
}

export function publishOperations(cloud: Cloud, running: Set<Promise<void>>): Operations<'iotdata'> {
  return {
    Publish: {
      members: ['topic', 'qos', 'payload', 'contentType', 'payloadFormatIndicator'],
      authorize: {
        action: 'iot:Publish',
        resource: ({ topic }) => `arn:aws:iot:${cloud.region}:${cloud.accountId}:topic/${topic}`,
      },
      run({ topic = '', qos = 0, payload = new Uint8Array() }) {
        if (!isTopic(topic)) throw new AwsError('InvalidRequestException', `Invalid topic: ${topic}`, 400);
        if (qos !== 0 && qos !== 1) throw new AwsError('InvalidRequestException', 'QoS is 0 or 1.', 400);
        const bytes = Buffer.from(payload as Uint8Array);
        if (bytes.length > mostBytes) {
          throw new AwsError('InvalidRequestException', `The payload has more than ${mostBytes} bytes.`, 413);
        }
        const done = runRules(cloud, { topic, payload: bytes, hops: 0 });
        running.add(done);
        void done.finally(() => running.delete(done));
        return {};
      },
    },
  };
}

async function runRules(cloud: Cloud, published: Published): Promise<void> {
  const only = ruleIn(published.topic);
  const rules = [...rulesOf(cloud).values()].filter(
    ({ name, isDisabled }) => !isDisabled && (only === undefined || only === name),
  );
  await Promise.all(rules.map((rule) => runRule(cloud, rule, published)));
}

/** Compiled once for each text. */
const statements = new Map<string, Statement>();
const mostStatements = 1000;

function statementOf(sql: string): Statement {
  let statement = statements.get(sql);
  if (statement === undefined) {
    statement = parseStatement(sql);
    if (statements.size >= mostStatements) statements.clear();
    statements.set(sql, statement);
  }
  return statement;
}

async function runRule(cloud: Cloud, rule: Rule, { topic, payload, hops }: Published): Promise<void> {
  const message: Message = {
    topic: withoutRule(topic),
    raw: payload,
    payload: parsed(payload),
    timestamp: cloud.now(),
    clientId: 'N/A',
    accountId: cloud.accountId,
    traceId: randomUUID(),
  };
  // a rule that is named by the topic gets every message, whatever its FROM says
  const found = statementOf(rule.sql).select(message, { anyTopic: ruleIn(topic) !== undefined });
  if (found === undefined) return;
  const sent = { message, ruleName: rule.name, ruleArn: ruleArn(cloud, rule.name), hops };
  const body = found.selected === undefined ? payload : Buffer.from(JSON.stringify(found.selected));
  const results = await Promise.all(rule.actions.map((action) => runAction(cloud, action, { ...sent, body })));
  for (const { republished } of results) await again(cloud, rule.name, republished);
  const failures = results.flatMap(({ failure }) => failure ?? []);
  if (failures.length > 0) await fail(cloud, rule, { ...sent, body: payload }, failures);
}

async function again(cloud: Cloud, name: string, republished: Republished | undefined): Promise<void> {
  if (republished === undefined) return;
  if (republished.hops <= mostHops) return runRules(cloud, republished);
  process.emitWarning(`the rule ${name} of IoT publishes without end: a message for ${republished.topic} was dropped`);
}

/** https://docs.aws.amazon.com/iot/latest/developerguide/rule-error-handling.html */
async function fail(cloud: Cloud, rule: Rule, sent: Sent, failures: readonly Failure[]): Promise<void> {
  const { message } = sent;
  const record = {
    ruleName: rule.name,
    topic: message.topic,
    cloudwatchTraceId: message.traceId,
    clientId: message.clientId,
    base64OriginalPayload: message.raw.toString('base64'),
    failures,
  };
  const body = Buffer.from(JSON.stringify(record));
  const tried =
    rule.errorAction === undefined ? undefined : await runAction(cloud, rule.errorAction, { ...sent, body });
  if (tried !== undefined && tried.failure === undefined) return again(cloud, rule.name, tried.republished);
  const [{ failedAction, failedResource, errorMessage } = { failedAction: '', failedResource: '', errorMessage: '' }] =
    tried?.failure === undefined ? failures : [tried.failure];
  process.emitWarning(`${failedAction} of the rule ${rule.name} for ${failedResource} failed: ${errorMessage}`);
}

/** Undefined if it is not JSON. */
function parsed(payload: Buffer): unknown {
  try {
    return JSON.parse(payload.toString('utf8')) as unknown;
  } catch {
    return undefined;
  }
}
