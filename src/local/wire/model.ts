// The model of a service's wire format, read from the schemas that its SDK client package exports: the same ones the
// client uses to write requests, so both ends agree by construction.
import { NormalizedSchema } from '@smithy/core/schema';
import { fromBase64, fromUtf8, toBase64, toUtf8 } from '@smithy/core/serde';
import type { ServiceName } from '../cloud.ts';
import { type Route, routesOf } from './routes.ts';

export type Protocol = 'awsJson1_0' | 'awsJson1_1' | 'awsQuery' | 'restJson1' | 'restXml';

export interface OperationModel {
  readonly name: string;
  readonly input: NormalizedSchema;
  readonly output: NormalizedSchema;
  /** REST protocols: the method, the path with `{labels}`, and the status. */
  readonly http: readonly [method: string, path: string, status: number] | undefined;
}

export interface ErrorModel {
  readonly schema: NormalizedSchema;
  readonly namespace: string;
  readonly status: number | undefined;
  /** The query protocol's error code, instead of the shape's name, and its status. */
  readonly query: readonly [code: string, status: number] | undefined;
}

export interface ServiceModel {
  readonly service: ServiceName;
  readonly protocol: Protocol;
  readonly version: string;
  readonly xmlNamespace: string | undefined;
  readonly namespace: string;
  readonly queryCompatible: boolean;
  readonly operations: ReadonlyMap<string, OperationModel>;
  readonly errors: ReadonlyMap<string, ErrorModel>;
  /** Precedes the path of every request. */
  readonly leadingMember: string | undefined;
  /** Query protocol: the member that the path may give. */
  readonly pathMember: string | undefined;
  readonly routes: readonly Route[];
  readonly codec: JsonCodecLike | undefined;
}

/** The part of the SDK's JSON codec that fx uses. */
export interface JsonCodecLike {
  createSerializer(): {
    setSerdeContext(context: unknown): void;
    write(schema: NormalizedSchema, value: unknown): void;
    flush(): string | Uint8Array;
  };
  createDeserializer(): {
    setSerdeContext(context: unknown): void;
    read(schema: NormalizedSchema, text: string): Promise<unknown>;
  };
}

interface ClientLike {
  readonly config: {
    readonly protocol: { getShapeId(): string; getPayloadCodec(): JsonCodecLike };
    readonly protocolSettings: {
      readonly defaultNamespace: string;
      readonly version: string;
      readonly xmlNamespace?: string;
      readonly awsQueryCompatible?: boolean;
    };
  };
}
type ClientClass = new (options: object) => ClientLike;

/** The functions that the SDK's codecs need for blobs. */
export const serdeContext = {
  base64Decoder: fromBase64,
  base64Encoder: toBase64,
  utf8Decoder: fromUtf8,
  utf8Encoder: toUtf8,
};

interface Package {
  load(): Promise<object>;
  readonly client: string;
  /** The member before the path of every request, if the model's paths omit it: in S3, the bucket. */
  readonly leadingMember?: string;
  /** The member that the path of a request in the query protocol may give. */
  readonly pathMember?: string;
}

const packages: { readonly [S in ServiceName]: Package } = {
  apigateway: { load: () => import('@aws-sdk/client-api-gateway'), client: 'APIGatewayClient' },
  apigatewayv2: { load: () => import('@aws-sdk/client-apigatewayv2'), client: 'ApiGatewayV2Client' },
  cloudformation: { load: () => import('@aws-sdk/client-cloudformation'), client: 'CloudFormationClient' },
  cloudfront: { load: () => import('@aws-sdk/client-cloudfront'), client: 'CloudFrontClient' },
  codedeploy: { load: () => import('@aws-sdk/client-codedeploy'), client: 'CodeDeployClient' },
  dynamodb: { load: () => import('@aws-sdk/client-dynamodb'), client: 'DynamoDBClient' },
  dynamodbstreams: { load: () => import('@aws-sdk/client-dynamodb-streams'), client: 'DynamoDBStreamsClient' },
  ecr: { load: () => import('@aws-sdk/client-ecr'), client: 'ECRClient' },
  elasticloadbalancing: {
    load: () => import('@aws-sdk/client-elastic-load-balancing-v2'),
    client: 'ElasticLoadBalancingV2Client',
  },
  events: { load: () => import('@aws-sdk/client-eventbridge'), client: 'EventBridgeClient' },
  iam: { load: () => import('@aws-sdk/client-iam'), client: 'IAMClient' },
  iot: { load: () => import('@aws-sdk/client-iot'), client: 'IoTClient' },
  iotdata: { load: () => import('@aws-sdk/client-iot-data-plane'), client: 'IoTDataPlaneClient' },
  kinesis: { load: () => import('@aws-sdk/client-kinesis'), client: 'KinesisClient' },
  lambda: { load: () => import('@aws-sdk/client-lambda'), client: 'LambdaClient' },
  logs: { load: () => import('@aws-sdk/client-cloudwatch-logs'), client: 'CloudWatchLogsClient' },
  monitoring: { load: () => import('@aws-sdk/client-cloudwatch'), client: 'CloudWatchClient' },
  pipes: { load: () => import('@aws-sdk/client-pipes'), client: 'PipesClient' },
  s3: { load: () => import('@aws-sdk/client-s3'), client: 'S3Client', leadingMember: 'Bucket' },
  scheduler: { load: () => import('@aws-sdk/client-scheduler'), client: 'SchedulerClient' },
  secretsmanager: { load: () => import('@aws-sdk/client-secrets-manager'), client: 'SecretsManagerClient' },
  sns: { load: () => import('@aws-sdk/client-sns'), client: 'SNSClient' },
  sqs: { load: () => import('@aws-sdk/client-sqs'), client: 'SQSClient', pathMember: 'QueueUrl' },
  ssm: { load: () => import('@aws-sdk/client-ssm'), client: 'SSMClient' },
  states: { load: () => import('@aws-sdk/client-sfn'), client: 'SFNClient' },
  sts: { load: () => import('@aws-sdk/client-sts'), client: 'STSClient' },
  xray: { load: () => import('@aws-sdk/client-xray'), client: 'XRayClient' },
};

const loaded = new Map<ServiceName, Promise<ServiceModel>>();

export function isServiceName(name: string): name is ServiceName {
  return Object.hasOwn(packages, name);
}

/** Loads a service's model once, on its first request: loading a client package takes tens of milliseconds. */
export function serviceModel(service: ServiceName): Promise<ServiceModel> {
  let model = loaded.get(service);
  if (model === undefined) {
    const row = packages[service];
    model = row.load().then((module) => readModel(service, module as Record<string, unknown>, row));
    loaded.set(service, model);
  }
  return model;
}

// The kinds of static schemas, by their first element: https://github.com/smithy-lang/smithy-typescript (packages/types/src/schema/static-schemas.ts)
const operationKind = 9;
const errorKind = -3;

function readModel(service: ServiceName, module: Record<string, unknown>, row: Package): ServiceModel {
  const Client = module[row.client] as ClientClass;
  const { config } = new Client({
    region: 'us-east-1',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
  });
  const operations = new Map<string, OperationModel>();
  const errors = new Map<string, ErrorModel>();
  for (const [key, value] of Object.entries(module)) {
    if (!key.endsWith('$') || !Array.isArray(value)) continue;
    const name = value[2] as string;
    if (value[0] === operationKind) operations.set(name, readOperation(value));
    else if (value[0] === errorKind) errors.set(name, readError(value));
  }
  const settings = config.protocolSettings;
  const protocol = config.protocol.getShapeId().split('#')[1] as Protocol;
  return {
    service,
    protocol,
    version: settings.version,
    xmlNamespace: settings.xmlNamespace,
    namespace: settings.defaultNamespace,
    queryCompatible: settings.awsQueryCompatible ?? false,
    operations,
    errors,
    leadingMember: row.leadingMember,
    pathMember: row.pathMember,
    routes: routesOf([...operations.values()], row.leadingMember),
    codec: /json/i.test(protocol) ? config.protocol.getPayloadCodec() : undefined,
  };
}

function readOperation(schema: unknown[]): OperationModel {
  const traits = (schema[3] || {}) as { http?: [string, string, number] };
  return {
    name: schema[2] as string,
    input: NormalizedSchema.of(schema[4] as never),
    output: NormalizedSchema.of(schema[5] as never),
    http: traits.http,
  };
}

function readError(schema: unknown[]): ErrorModel {
  const traits = (schema[3] || {}) as { awsQueryError?: [string, number]; httpError?: number };
  return {
    schema: NormalizedSchema.of(schema as never),
    namespace: schema[1] as string,
    status: traits.httpError,
    query: traits.awsQueryError,
  };
}

/** The required members of a request: the first names of a structure; the schema's seventh element is their number. */
export function requiredMembers(schema: NormalizedSchema): readonly string[] {
  if (!schema.isStructSchema()) return [];
  const raw = schema.getSchema() as unknown;
  if (!Array.isArray(raw)) return [];
  return (raw[4] as string[]).slice(0, (raw[6] as number | undefined) ?? 0);
}

/** The name and the schema of each member; the unit shape has none. */
export function members(schema: NormalizedSchema): [string, NormalizedSchema][] {
  return schema.isStructSchema() && !schema.isUnitSchema() ? [...schema.structIterator()] : [];
}
