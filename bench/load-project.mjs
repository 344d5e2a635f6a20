// A realistic large project file: defaults, events of each kind, variables with lookups, permissions,
// resources, and two environments that change some of it.

const methods = ['GET', 'POST', 'PUT', 'DELETE'];

function events(index) {
  if (index % 5 === 3) return [`      - schedule: rate(${1 + (index % 50)} hours)`];
  if (index % 5 === 4)
    return [
      '      - sqs:',
      `          queue: Jobs${index % 20}`,
      '          batchSize: 10',
      '          reportFailures: true',
    ];
  const method = methods[index % methods.length];
  return [
    `      - http: ${method} /area${index % 25}/things${index}/{id}`,
    `      - http: ${method} /area${index % 25}/things${index}`,
  ];
}

function oneFunction(index) {
  return [
    `  area${index % 25}-thing${index}:`,
    `    handler: src/area${index % 25}/thing${index}.handler`,
    `    description: What becomes of thing ${index} in \${env}`,
    ...(index % 3 === 0 ? ['    memory: ${params.memory.large}'] : []),
    ...(index % 4 === 0 ? ['    timeout: 29s'] : []),
    '    variables:',
    `      TABLE: !Ref Table${index % 40}`,
    '      DOMAIN: https://api.${params.domain}/v1',
    `      TOPIC: \${name}-\${env}-things-${index % 7}`,
    '      LOG_LEVEL: ${params.level, info}',
    '    permissions:',
    `      - dynamodb:GetItem,PutItem,Query on Table${index % 40}`,
    ...(index % 2 === 0 ? [`      - sqs:SendMessage on Jobs${index % 20}`] : []),
    '    events:',
    ...events(index),
  ].join('\n');
}

/** An environment's changes: every fifth function, and the defaults. */
function environment(name, count, memory) {
  const changed = Array.from({ length: Math.ceil(count / 5) }, (_, place) => place * 5);
  return [
    `  ${name}:`,
    '    params:',
    `      domain: ${name}.example.com`,
    `      memory: { large: ${memory} }`,
    '    defaults:',
    '      logging: { retentionInDays: 90 }',
    '    functions:',
    ...changed.map(
      (index) => `      area${index % 25}-thing${index}: { memory: ${memory}, variables: { STAGE: ${name} } }`,
    ),
  ].join('\n');
}

export function projectText(count) {
  const many = (length, each) => Array.from({ length }, (_, index) => each(index));
  return [
    'name: bench',
    'region: eu-west-1',
    'params:',
    '  domain: local.example.com',
    '  level: debug',
    '  memory: { large: 1024 }',
    'tags: { team: bench }',
    'defaults:',
    '  runtime: nodejs24.x',
    '  memory: 256',
    '  timeout: 10s',
    '  tracing: Active',
    '  logging: { logFormat: JSON, retentionInDays: 30 }',
    '  variables:',
    '    STAGE: ${env}',
    '    REGION_NAME: ${region}',
    '    NODE_OPTIONS: --enable-source-maps',
    '  permissions:',
    '    - s3:GetObject on arn:aws:s3:::bench-shared-settings/*',
    'functions:',
    ...many(count, oneFunction),
    'resources:',
    ...many(40, (index) =>
      [
        `  Table${index}:`,
        '    Type: AWS::DynamoDB::Table',
        '    DeletionPolicy: Retain',
        '    Properties:',
        '      BillingMode: PAY_PER_REQUEST',
        '      AttributeDefinitions: [{ AttributeName: id, AttributeType: S }]',
        '      KeySchema: [{ AttributeName: id, KeyType: HASH }]',
      ].join('\n'),
    ),
    ...many(20, (index) =>
      [`  Jobs${index}:`, '    Type: AWS::SQS::Queue', '    Properties: { VisibilityTimeout: 180 }'].join('\n'),
    ),
    'environments:',
    environment('staging', count, 512),
    environment('prod', count, 2048),
    '',
  ].join('\n');
}
