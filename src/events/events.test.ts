// What users may write for each event source, and the problems with the rest.
import { describe, expect, test } from 'vitest';
import { compiled, projectOf, recipeFor, schemas } from '../../test/support/project.ts';
import { FxError } from '../base/error.ts';
import { readAll, type Schema, text } from '../base/schema.ts';
import { parseLocated } from '../base/yaml.ts';
import { eventTexts } from '../project/event-uses.ts';
import { noPlugins } from '../project/plugins/plugin.ts';
import { projectSchemaOf } from '../project/schema.ts';
import { compile } from '../template/compile.ts';
import { eventSources } from './index.ts';
import type { EventSource } from './source.ts';

function read(kind: keyof typeof eventSources, yaml: string) {
  const { value, problems } = readAll(eventSources[kind].schema as Schema<unknown>, parseLocated(yaml, 'f', []).value);
  return problems.length > 0 ? problems.map(({ message }) => message) : value;
}

describe('http', () => {
  test.each([
    ['GET /orders/{id}', { method: 'GET', path: '/orders/{id}' }],
    ['get /', { method: 'GET', path: '/' }],
    ['"* /files/{path+}"', { method: 'ANY', path: '/files/{path+}' }],
    ['$default', { method: '$default', path: '' }],
    ['{method: post, path: /x}', { method: 'POST', path: '/x' }],
    ['{path: /x}', { method: 'ANY', path: '/x' }],
  ])('%s', (yaml, route) => {
    expect(read('http', yaml)).toEqual(route);
  });

  test.each([
    ['GET orders', 'a path begins with /'],
    ['GET /a?b=c', 'a route has no query string'],
    ['GET /a{id}', 'a parameter is a whole segment, such as {id}'],
    ['GET /{id}/{id}', '{id} appears twice'],
    ['GET /{all+}/x', '{all+} takes the rest of the path, so it must come last'],
    ['GET /é', 'has characters that a URL path cannot have'],
    ['FETCH /', 'expected a route such as'],
    ['7', 'expected a route such as'],
  ])('%s is refused', (yaml, reason) => {
    expect(read('http', yaml)).toEqual([expect.stringContaining(reason)]);
  });

  test('routes with similar names have separate resources', async () => {
    const routes = [
      'GET /a/b',
      'GET /ab',
      'GET /aB',
      'GET /a-b',
      'GET /a_b',
      'GET /{a}/b',
      'GET /a/parameter/b',
      'GET /{a+}',
      'ANY /a/b',
      'GET /',
      'GET /a/b/',
    ];
    const events = routes.map((route) => `{http: "${route}"}`).join(', ');
    const { template } = await compiled(`name: s\nfunctions: {a: {handler: a.handler, events: [${events}]}}\n`);
    const keys = Object.values(template.Resources).flatMap(({ Type, Properties }) =>
      Type === 'AWS::ApiGatewayV2::Route' ? [Properties?.['RouteKey']] : [],
    );
    expect(keys.sort()).toEqual([...routes].sort());
  });
});

async function problemsOf(text: string): Promise<readonly string[]> {
  const problem = (error: unknown) => {
    if (!(error instanceof FxError)) throw error;
    return error.problems.map(({ message, hint }) => (hint === undefined ? message : `${message} | ${hint}`));
  };
  return compiled(text).then(() => [], problem);
}

describe('the section http', () => {
  const shop = (section: string, ...events: string[]) =>
    `name: s\nhttp: ${section}\nfunctions: {a: {handler: a.handler, timeout: 5s, events: [${events.map((event) => `{http: ${event}}`).join(', ')}]}}\n`;

  test.each([
    ['{authorizers: {users: {}}}', 'an authorizer has one of jwt, function, arn and id'],
    [
      '{authorizers: {users: {function: a, arn: b}}}',
      'an authorizer has one of jwt, function, arn and id, found function and arn',
    ],
    ['{authorizers: {users: {function: b}}}', 'there is no function "b" | for a function elsewhere, write arn'],
    [
      '{authorizers: {users: {function: a, payload: "1.0", responses: simple}}}',
      'simple responses need payload "2.0" | with payload "1.0", a function answers a policy',
    ],
    [
      '{authorizers: {users: {id: x}}}',
      'the authorizer "users" exists already, but the API does not | an authorizer belongs to one API: give the id of that API too',
    ],
    ['{authorizers: {iam: {function: a}}}', 'an authorizer cannot have the name "iam", which has a meaning of its own'],
    ['{authorizer: user}', 'there is no authorizer "user" | define it under http.authorizers'],
    [
      '{id: abc, cors: true}',
      '"cors" belongs to the API itself, and with id fx only adds routes to an API that exists | set it where that API is made, or remove id',
    ],
    [
      '{cors: {allowCredentials: true, allowOrigins: ["*"]}}',
      'allowCredentials does not go with the origin "*" | name the origins',
    ],
    [
      '{defaultEndpoint: false}',
      'nobody can reach an API without its endpoint and without a domain | give it a domain',
    ],
    [
      '{timeout: 40s}',
      'expected a time from 1s to 30s, found "40s" | a plain number is seconds; 10s, 5m and 6h are times',
    ],
    [
      '{domain: {name: api.example.com, zone: example.com}}',
      'expected the id of a hosted zone, found "example.com" | write ${zone:example.com}, which looks the id up',
    ],
    [
      '{domain: {name: api.example.org, zone: "${zone:example.com}"}}',
      'the zone example.com does not hold api.example.org | the zone of a name is one of its ends',
    ],
    [
      '{domain: {name: api.example.com, record: true, certificate: arn}}',
      'a record for api.example.com needs the zone that it goes into | zone: ${zone:example.com}',
    ],
    [
      '{domain: api.example.com}',
      'api.example.com needs a certificate, or a zone in which fx validates one | write domain: {name: api.example.com, zone: "${zone:example.com}"}, or existing: true for a domain that is there',
    ],
    ['{domain: api}', 'expected a domain name such as api.example.com, found "api"'],
  ])('%s is refused', async (section, problem) => {
    expect(await problemsOf(shop(section, 'GET /'))).toEqual([problem]);
  });

  test.each([
    ['{route: GET /, authorizer: user}', 'there is no authorizer "user" | did you mean "users"?'],
    ['{route: GET /, api: admn}', 'there is no API "admn" | did you mean "admin"?'],
    [
      '{route: GET /, scopes: [a]}',
      'scopes are in tokens, and the authorizer of "GET /" is none | name an authorizer with jwt',
    ],
    ['{route: GET /, path: /a}', 'an event has a route, or a path and a method'],
    ['{method: GET}', 'missing key "path" | for example path: /orders/{id}, or route: GET /orders/{id}'],
    ['{route: GET /, throttle: {rate: 1}}', 'missing key "burst" (a whole number from 0 to 10000000)'],
    [
      '{route: GET /, api: old, throttle: {rate: 1, burst: 1}}',
      '"throttle" belongs to the stage of the API, which exists already, so fx cannot set it',
    ],
  ])('the event %s is refused', async (event, problem) => {
    const section = '{authorizers: {users: {function: a}}, apis: {admin: {}, old: {id: abc}}}';
    expect(await problemsOf(shop(section, event))).toEqual([problem]);
  });

  test('two APIs cannot answer at one address, and a domain is defined once', async () => {
    const long = '{name: api.example.com, certificate: arn}';
    const apis = (admin: string) =>
      shop(`{domain: ${long}, apis: {admin: {domain: ${admin}}}}`, 'GET /', '{route: GET /, api: admin}');
    expect(await problemsOf(apis('api.example.com/admin'))).toEqual([]);
    expect(await problemsOf(apis('api.example.com'))).toEqual([
      'two APIs answer at api.example.com | give one of them a basePath',
    ]);
    expect(await problemsOf(apis('{name: api.example.com, basePath: b, certificate: arn}'))).toEqual([
      'the domain api.example.com is defined twice | write its settings once, and domain: api.example.com at the other APIs',
    ]);
  });

  test('an issuer without TLS is for the local AWS', async () => {
    const text = shop('{authorizers: {a: {jwt: {issuer: "http://127.0.0.1:9", audience: [x]}}}}', 'GET /');
    expect(await problemsOf(text)).toEqual([]);
    const prod = `${text}environments: {prod: {}}\n`;
    await expect(compiled(prod, { environment: 'prod' })).rejects.toMatchObject({
      problems: [{ message: 'the issuer http://127.0.0.1:9 is not an https:// address, which AWS needs' }],
    });
  });

  test('a section or an API without routes is a warning, since fx makes neither', async () => {
    const warnings = async (text: string) => (await projectOf(text)).warnings.map(({ message }) => message);
    expect(await warnings('name: s\nhttp: {cors: true}\nresources: {A: {Type: AWS::SQS::Queue}}\n')).toEqual([
      'no function has an event of the kind http',
    ]);
    const guarded =
      '{domain: {name: a.example.com, certificate: arn, mutualTls: {truststore: "s3://b/k"}}, defaultEndpoint: ENDPOINT}';
    const files = { 'a.ts': 'export const handler = async () => 1;' };
    const ofApi = async (endpoint: string) =>
      (await projectOf(shop(guarded.replace('ENDPOINT', endpoint), 'GET /'), { files })).warnings.map(
        ({ message }) => message,
      );
    expect(await ofApi('true')).toEqual([
      'a.example.com asks for certificates, but the endpoint of AWS answers without',
    ]);
    expect(await ofApi('false')).toEqual([]);
    const text = shop('{apis: {admin: {}}}', 'GET /');
    expect(
      (await projectOf(text, { files: { 'a.ts': 'export const handler = async () => 1;' } })).warnings.map(
        ({ message }) => message,
      ),
    ).toEqual(['no route uses the API "admin", so fx does not make it']);
  });

  test('62 functions with a route leave room in the stack, and are called as one role', async () => {
    const functions = Array.from(
      { length: 62 },
      (_, n) => `f${n}: {handler: a.handler, timeout: 5s, events: [{http: GET /f${n}}]}`,
    );
    const { template } = await compiled(`name: s\nfunctions: {${functions.join(', ')}}\n`);
    const types = Object.values(template.Resources).map(({ Type }) => Type);
    expect(types).toHaveLength(62 * 7 + 3);
    expect(types).not.toContain('AWS::Lambda::Permission');
    expect(template.Resources['F0HttpIntegrationAsRole']?.Properties?.['CredentialsArn']).toEqual({
      'Fn::GetAtt': ['HttpApiRole', 'Arn'],
    });
    const role = JSON.stringify(template.Resources['HttpApiRole']);
    expect(role.match(/"Ref":"F\d+Alias"/g)).toHaveLength(62);
  });
});

describe('websocket', () => {
  const chat = (section: string, ...events: string[]) =>
    `name: s\nwebsocket: ${section}\nfunctions: {a: {handler: a.handler, timeout: 5s, events: [${events.map((event) => `{websocket: ${event}}`).join(', ')}]}, b: {handler: b.handler}}\n`;

  test.each([
    ['$connect', { route: '$connect' }],
    ['sendMessage', { route: 'sendMessage' }],
    ['{route: who, respond: true, timeout: 5s}', { route: 'who', respond: true, timeout: 5 }],
  ])('%s', (yaml, event) => {
    expect(read('websocket', yaml)).toEqual(event);
  });

  test.each([['$other'], ['two words'], ['7'], ['{}']])('%s is refused', (yaml) => {
    expect(read('websocket', yaml)).toEqual([expect.stringMatching(/\$connect, \$disconnect, \$default/)]);
  });

  test.each([
    ['{authorizers: {m: {}}}', '$connect', 'an authorizer has one of function and arn'],
    ['{authorizer: m}', '$connect', 'there is no authorizer "m" | define it under websocket.authorizers'],
    [
      '{authorizers: {m: {function: a, identitySource: $request.header.x}}}',
      '$connect',
      'expected a source such as route.request.header.Authorization or route.request.querystring.token, found "$request.header.x"',
    ],
    [
      '{}',
      '{route: say, authorizer: iam}',
      'AWS asks an authorizer when a client connects, not for "say" | set it at $connect',
    ],
    ['{}', '{route: $disconnect, respond: true}', 'a client that has disconnected gets no answer | remove respond'],
    ['{senders: [c]}', 'say', 'there is no function "c"'],
    [
      '{routeSelection: $request.header.x}',
      'say',
      'expected a selection such as $request.body.action, found "$request.header.x"',
    ],
    ['{}', '{route: say, api: x}', 'there is no API "x" | define it under websocket.apis'],
    [
      '{timeout: 30s}',
      'say',
      'expected a time from 1s to 29s, found "30s" | a plain number is seconds; 10s, 5m and 6h are times',
    ],
  ])('%s with the route %s is refused', async (section, route, problem) => {
    expect(await problemsOf(chat(section, route))).toEqual([problem]);
  });

  test('a domain belongs to one kind of API', async () => {
    const domain = 'domain: {name: api.example.com, certificate: arn}';
    const text = `${chat(`{${domain}}`, 'say')}http: {domain: api.example.com/b}\n`.replace(
      'events: [',
      'events: [{http: GET /}, ',
    );
    expect(await problemsOf(text)).toEqual([
      'api.example.com is a domain of another kind of API, and AWS does not let a WebSocket API share it | give it a domain of its own',
    ]);
  });

  test('senders get the right and the address without an event, and a variable of the user wins', async () => {
    const { template } = await compiled(
      chat('{senders: [b]}', 'say').replace('b: {', 'b: {variables: {WEBSOCKET_ENDPOINT: mine}, '),
    );
    const rights = (id: string) => JSON.stringify(template.Resources[id]?.Properties?.['Policies']);
    expect(rights('BRole')).toContain('execute-api:ManageConnections');
    expect(rights('BRole')).toContain('/live/POST/@connections/*');
    const variables = (id: string) =>
      template.Resources[id]?.Properties?.['Environment'] as { Variables: object } | undefined;
    expect(variables('BFunction')?.Variables).toEqual({ WEBSOCKET_ENDPOINT: 'mine' });
    expect(Object.keys(variables('AFunction')?.Variables ?? {})).toEqual(['WEBSOCKET_ENDPOINT']);
  });
});

describe('rest', () => {
  const shop = (section: string, ...events: string[]) =>
    `name: s\nrest: ${section}\nfunctions: {a: {handler: a.handler, timeout: 5s, events: [${events.map((event) => `{rest: ${event}}`).join(', ')}]}, b: {handler: b.handler}}\n`;

  test.each([
    ['$default', 'a REST API has no $default'],
    ['GET /a/', '"/a/": a path of a REST API has no slash at its end'],
    ['GET /a~b', '"a~b": a path of a REST API has letters, digits and ._-:$ only'],
    ['7', 'expected a route such as "GET /orders/{id}", found'],
  ])('%s is refused', (yaml, reason) => {
    expect(read('rest', yaml)).toEqual([expect.stringContaining(reason)]);
  });

  test.each([
    ['{route: GET /, integration: http}', 'integration: http needs a uri'],
    ['{route: GET /, uri: "https://a.b"}', '"uri" is for integration: http or http-proxy, and this is proxy'],
    [
      '{route: GET /, responses: {200: {}}}',
      'a proxy answers itself, so "responses" has no effect | integration: lambda or http',
    ],
    [
      '{route: GET /, request: {templates: {application/json: x}}}',
      'a proxy gets the request as it is, so "templates" has no effect | integration: lambda or http',
    ],
    ['{route: GET /, async: true}', 'async needs integration: lambda, and this is proxy'],
    ['{route: GET /, stream: true, integration: mock}', 'stream needs a proxy, and this is integration: mock'],
    ['{route: GET /, timeout: 1m}', 'a REST API waits 29 seconds at most, or 15 minutes with stream | stream: true'],
    ['{route: GET /, cache: true}', 'the API has no cache | give rest.cache a size'],
    [
      '{route: POST /, request: {body: Order}}',
      'there is no model "Order" | define it under rest.models, or write the schema here',
    ],
    ['{route: GET /, authorizer: user}', 'there is no authorizer "user" | did you mean "users"?'],
    [
      '{route: GET /, scopes: [a], authorizer: users}',
      'scopes are in tokens of a user pool, and the authorizer of "GET /" is users | name an authorizer with cognito',
    ],
    [
      '{route: GET /, api: old, metrics: true}',
      '"metrics" belongs to the stage of the API, which the deployment makes, so fx cannot set it',
    ],
    ['{route: GET /, api: x}', 'there is no API "x" | define it under rest.apis'],
  ])('the event %s is refused', async (event, problem) => {
    const section = '{authorizers: {users: {function: b}}, apis: {old: {stageFrom: deployment}}}';
    expect(await problemsOf(shop(section, event))).toEqual([problem]);
  });

  test('a stage that the deployment makes is no resource, and what needs it waits for the deployment', async () => {
    const { template } = await compiled(
      shop(
        '{stage: dev, stageFrom: deployment, apiKeys: [mobile], domain: {name: a.example.com, existing: true}}',
        'GET /',
      ),
    );
    const ofType = (type: string) =>
      Object.entries(template.Resources).filter(([, { Type }]) => Type === `AWS::${type}`);
    const [deployment] = ofType('ApiGateway::Deployment');
    expect(deployment?.[1].Properties).toEqual({ RestApiId: { Ref: 'RestApi' }, StageName: 'dev' });
    expect(deployment?.[1]).not.toHaveProperty('DeletionPolicy');
    expect(ofType('ApiGateway::Stage')).toEqual([]);
    // a failure after the deployment would leave the stage with what is taken back
    const last = [deployment?.[1].DependsOn ?? []].flat();
    expect(last).toEqual(expect.arrayContaining(['RestMethodGet', 'BAlias']));
    const waiting = ofType('ApiGateway::UsagePlan').concat(
      ofType('ApiGateway::UsagePlanKey'),
      ofType('ApiGatewayV2::ApiMapping'),
    );
    for (const [id] of waiting) expect(last).not.toContain(id);
    const [plan] = ofType('ApiGateway::UsagePlan');
    expect(plan?.[1]).toMatchObject({
      DependsOn: deployment?.[0],
      Properties: { ApiStages: [{ ApiId: { Ref: 'RestApi' }, Stage: 'dev' }] },
    });
    const [mapping] = ofType('ApiGatewayV2::ApiMapping');
    expect(mapping?.[1]).toMatchObject({ DependsOn: deployment?.[0], Properties: { Stage: 'dev' } });
  });

  test.each([
    [
      '{authorizers: {a: {function: b, cognito: c}}}',
      'an authorizer has one of cognito, function, arn and id, found cognito and function',
    ],
    ['{authorizers: {a: {function: c}}}', 'there is no function "c" | for a function elsewhere, write arn'],
    ['{authorizers: {a: {function: b, validation: x}}}', 'validation is for type: token'],
    ['{id: x}', 'an API that exists needs the id of its root resource | give root too'],
    [
      '{id: x, root: y, throttle: {rate: 1, burst: 1}}',
      '"throttle" belongs to the API itself, and with id fx only adds routes to an API that exists | set it where that API is made, or remove id',
    ],
    [
      '{stageFrom: deployment, tracing: true}',
      '"tracing" is a setting of the stage, which the deployment makes: CloudFormation cannot set it | set it in API Gateway itself, or remove it here (tracing: null)',
    ],
    [
      '{endpoint: private}',
      'nobody can reach a private API without a policy | give vpcEndpoints, whose traffic fx then allows, or write a policy',
    ],
    [
      '{endpoint: private, vpcEndpoints: [vpce-1], ipAddressType: ipv4}',
      'a private API answers over IPv4 and IPv6 | remove ipAddressType',
    ],
    [
      '{endpoint: edge, domain: {name: api.example.com, certificate: arn}}',
      'api.example.com needs a regional API, and this one is edge | endpoint: regional',
    ],
    ['{usagePlans: {a: {keys: [b]}}}', 'there is no API key "b" | define it under apiKeys'],
    ['{apiKeys: {a: {value: short}}}', 'expected a key of 20 to 128 characters, found "short"'],
  ])('the section %s is refused', async (section, problem) => {
    expect(await problemsOf(shop(section, 'GET /'))).toEqual([problem]);
  });

  test('one parameter below a path', async () => {
    expect(await problemsOf(shop('{}', '"GET /a/{id}"', '"GET /a/{name}/b"'))).toEqual([
      'below /a a REST API has one parameter, and there are {id} and {name} | use one name for both, or an HTTP API',
    ]);
    expect(await problemsOf(shop('{}', '"GET /a/{id}"', '"GET /a/{id}/b"', '"GET /b/{name}"'))).toEqual([]);
  });

  test('a deployment is made anew whenever what it serves changes, and only then', async () => {
    const idOf = async (text: string) => {
      const { template } = await compiled(text);
      const [id] =
        Object.entries(template.Resources).find(([, { Type }]) => Type === 'AWS::ApiGateway::Deployment') ?? [];
      expect(template.Resources['RestApiStage']?.Properties?.['DeploymentId']).toEqual({ Ref: id });
      return id;
    };
    const base = shop('{}', 'GET /a');
    const same = await idOf(base);
    expect(same).toMatch(/^RestApiDeployment[0-9a-f]{12}$/);
    expect(await idOf(shop('{throttle: {rate: 1, burst: 1}, stageVariables: {a: b}}', 'GET /a'))).toBe(same);
    expect(await idOf(base.replace('timeout: 5s', 'timeout: 6s'))).toBe(same);
    const changed = await Promise.all([
      idOf(shop('{}', 'GET /a', 'GET /b')),
      idOf(shop('{}', '{route: GET /a, apiKey: true}')),
      idOf(shop('{binaryTypes: ["*/*"]}', 'GET /a')),
      idOf(shop('{cors: true}', 'GET /a')),
      idOf(shop('{gatewayResponses: {DEFAULT_4XX: {status: 418}}}', 'GET /a')),
      idOf(shop('{models: {M: {type: object}}}', '{route: GET /a, request: {body: M}}')),
      idOf(shop('{models: {M: {type: array}}}', '{route: GET /a, request: {body: M}}')),
      idOf(`${base}extend: {RestMethodGetA: {Properties: {OperationName: changed}}}\n`),
    ]);
    expect(new Set([same, ...changed]).size).toBe(changed.length + 1);
  });

  test('a function with a condition has no place in a deployment', async () => {
    const text = `${shop('{}', 'GET /')}conditions: {C: {"Fn::Equals": [a, b]}}\n`.replace(
      '{handler: a.handler',
      '{condition: C, handler: a.handler',
    );
    expect(await problemsOf(text)).toEqual([expect.stringContaining('exists only if the condition "C" holds')]);
  });
});

describe('sqs', () => {
  test('accepts a queue of the project, an ARN, or an intrinsic', async () => {
    const arn = 'arn:aws:sqs:us-east-1:111122223333:other';
    const text = `name: s\nfunctions: {a: {handler: a.handler, events: [{sqs: Jobs}, {sqs: "${arn}"}, {sqs: {queue: !ImportValue x, batchSize: 100, batchWindow: 5, reportFailures: true, maximumConcurrency: 2, filters: [{body: {a: [1]}}]}}]}}\nresources: {Jobs: {Type: AWS::SQS::Queue}}\n`;
    const { template } = await compiled(text);
    const mappings = Object.entries(template.Resources).filter(
      ([, { Type }]) => Type === 'AWS::Lambda::EventSourceMapping',
    );
    expect(
      mappings.map(([id, { Properties }]) => [id.replace(/[0-9a-f]{8}$/, '#'), Properties?.['EventSourceArn']]),
    ).toEqual([
      ['ASqsJobs', { 'Fn::GetAtt': ['Jobs', 'Arn'] }],
      ['ASqsOther#', arn],
      ['ASqsQueue#', { 'Fn::ImportValue': 'x' }],
    ]);
    expect(mappings[2]?.[1].Properties).toMatchObject({
      BatchSize: 100,
      MaximumBatchingWindowInSeconds: 5,
      FunctionResponseTypes: ['ReportBatchItemFailures'],
      ScalingConfig: { MaximumConcurrency: 2 },
      FilterCriteria: { Filters: [{ Pattern: '{"body":{"a":[1]}}' }] },
    });
  });

  test('rejects values out of range', () => {
    expect(read('sqs', '{queue: Jobs, maximumConcurrency: 1}')).toEqual([
      'expected a whole number from 2 to 1000, found 1',
    ]);
    expect(read('sqs', '{batchSize: 1}')).toEqual([
      'missing key "queue" (the logical id or ARN of a queue, or {make: …})',
    ]);
  });
});

test('queues with one name in two accounts have one mapping each', async () => {
  const arn = (account: string) => `{sqs: "arn:aws:sqs:us-east-1:${account}:jobs"}`;
  const { template } = await compiled(
    `name: s\nfunctions: {a: {handler: a.handler, events: [${arn('111122223333')}, ${arn('444455556666')}]}}\n`,
  );
  const mappings = Object.values(template.Resources).filter(({ Type }) => Type === 'AWS::Lambda::EventSourceMapping');
  expect(mappings).toHaveLength(2);
});

// The case events-sqs-limits: rules that depend on the queue, the region or the function, all reported at once.
test('limits of queues and regions are problems, and a slow function behind an HTTP API is a warning', async () => {
  const written = `name: limits
region: us-east-1
functions:
  windowed: { handler: a.handler, events: [sqs: { queue: Orders, batchSize: 10, batchWindow: 5 }] }
  many: { handler: a.handler, events: [sqs: { queue: "arn:aws:sqs:us-east-1:111122223333:orders.fifo", batchSize: 100 }] }
  far: { handler: a.handler, events: [sqs: "arn:aws:sqs:eu-west-1:111122223333:jobs"] }
  layered: { handler: a.handler, layers: ["arn:aws:lambda:eu-west-1:111122223333:layer:fonts:1"] }
  failing: { handler: a.handler, deadLetterQueue: "arn:aws:sqs:eu-west-1:111122223333:failed" }
  reporting: { handler: a.handler, destinations: { onSuccess: "arn:aws:sns:eu-west-1:111122223333:done" } }
  plain: { handler: a.handler, events: [sqs: { queue: Plain, batchSize: 100 }] }
resources:
  Orders: { Type: AWS::SQS::Queue, Properties: { FifoQueue: true } }
  Plain: { Type: AWS::SQS::Queue }
`;
  const error = await projectOf(written).catch((thrown: unknown) => thrown);
  if (!(error instanceof FxError)) throw new Error(`expected an FxError, got ${String(error)}`);
  expect(error.problems.map(({ at, message }) => `${at.line} ${message}`)).toEqual([
    '4 batchWindow is 5, but "Orders" is a FIFO queue, which does not support it',
    '5 batchSize is 100, but "orders.fifo" is a FIFO queue, which takes at most 10',
    '6 the queue "jobs" is in eu-west-1, but the function is in us-east-1: Lambda polls only queues in its region',
    '7 the layer "arn:aws:lambda:eu-west-1:111122223333:layer:fonts:1" is in eu-west-1, but the function is in us-east-1: Lambda accepts only layers in its region',
    '8 "arn:aws:sqs:eu-west-1:111122223333:failed" is in eu-west-1, but the function is in us-east-1: Lambda sends to its own region only',
    '9 "arn:aws:sns:eu-west-1:111122223333:done" is in eu-west-1, but the function is in us-east-1: Lambda sends to its own region only',
    '10 a batchSize of 100 needs a batchWindow of at least 1 second',
  ]);

  const slow = await projectOf(
    'name: s\nfunctions:\n  a: { handler: a.handler, timeout: 60, events: [http: GET /slow] }\n',
  );
  expect(slow.warnings.map(({ at, message }) => `${at.line} ${message}`)).toEqual([
    '3 the HTTP API answers "GET /slow" with 503 after 30 seconds, while "a" may run for 60',
  ]);
});

test('each source describes its entries in one line', async () => {
  const project = await projectOf(`name: s
functions:
  a:
    handler: a.handler
    events: [http: GET /x, schedule: {expression: rate(5 minutes), enabled: false}, sqs: Jobs]
resources: {Jobs: {Type: AWS::SQS::Queue}}
`);
  expect(project.functions.flatMap((settings) => eventTexts(settings, project.plugins.sources))).toEqual([
    'GET /x',
    'rate(5 minutes) (disabled)',
    'sqs Jobs',
  ]);
});

test('an additional row is read, checked and compiled like the others', async () => {
  const topic: EventSource<'topic', string> = {
    kind: 'topic',
    schema: text({ expected: 'a topic' }),
    docs: { summary: 'Messages of a topic.', example: 'topic: News', aws: 'https://docs.aws.amazon.com/sns' },
    describe: (name) => `topic ${name}`,
    check: () => [],
    compile: ({ function: target, config }) => ({
      resources: {
        [target.id(`Topic${config}`)]: {
          Type: 'AWS::SNS::Subscription',
          Properties: { TopicArn: { Ref: config }, Protocol: 'lambda', Endpoint: target.alias },
        },
      },
    }),
  };
  const plugins = { ...noPlugins, sources: { ...eventSources, topic } };
  const written = parseLocated('name: s\nfunctions: {a: {handler: a.handler, events: [topic: News]}}\n', 'f', []).value;
  const { value, problems } = readAll(projectSchemaOf(plugins), written);
  expect(problems).toEqual([]);
  const [event] = value?.functions?.get('a')?.events ?? [];
  expect(event).toMatchObject({ kind: 'topic', config: 'News' });
  const { project } = await compiled(
    'name: s\nfunctions: {a: {handler: a.handler}}\nresources: {News: {Type: AWS::SNS::Topic}}\n',
  );
  const functions = project.functions.map((settings) => ({ ...settings, events: event === undefined ? [] : [event] }));
  const { ownedResources } = compile({
    project: { ...project, functions, plugins },
    recipe: recipeFor(project),
    schemas,
  });
  expect(ownedResources.get('ATopicNews')).toMatchObject({
    owner: { kind: 'function', name: 'a' },
    from: ['functions', 'a', 'events', 0],
  });
});
