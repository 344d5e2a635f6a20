// The REST API resource with its endpoint and policy, and the answers that the API gives itself.
import { fitted, stackName } from '../cfn/names.ts';
import type { Resource, Value } from '../cfn/resource.ts';
import type { RestSection } from './_rest-api.ts';
import { gatewayHeaders } from './_rest-cors.ts';
import type { RestApi } from './_rest-shared.ts';
import type { SourceContext } from './source.ts';

export function apiResource(api: RestApi, { names }: SourceContext<RestSection>): Resource {
  const { settings } = api;
  const { description, endpoint = 'regional', vpcEndpoints, ipAddressType, binaryTypes, compression } = settings;
  const policy = policyOf(api);
  return {
    Type: 'AWS::ApiGateway::RestApi',
    Properties: {
      Name: settings.name ?? fitted(`${stackName(names)}-${api.name ?? 'rest'}`, 128),
      ...(description === undefined ? {} : { Description: description }),
      EndpointConfiguration: {
        Types: [endpoint.toUpperCase()],
        ...(vpcEndpoints === undefined ? {} : { VpcEndpointIds: [...vpcEndpoints] }),
        ...(ipAddressType === undefined ? {} : { IpAddressType: ipAddressType }),
      },
      ...(settings.apiKeySource === 'authorizer' ? { ApiKeySourceType: 'AUTHORIZER' } : {}),
      ...(binaryTypes === undefined ? {} : { BinaryMediaTypes: [...binaryTypes] }),
      ...(compression === undefined ? {} : { MinimumCompressionSize: compression }),
      ...(settings.defaultEndpoint?.value === false ? { DisableExecuteApiEndpoint: true } : {}),
      ...(policy === undefined ? {} : { Policy: policy }),
    },
  };
}

/** A private API answers nobody without a policy: by default, whoever comes through its VPC endpoints.
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-private-api-create.html */
function policyOf({ settings: { policy, endpoint, vpcEndpoints } }: RestApi): Value | undefined {
  const everywhere = 'execute-api:/*';
  if (policy !== undefined) {
    const Statement = policy.map((statement) => ({
      Effect: 'Allow',
      Principal: '*',
      Action: 'execute-api:Invoke',
      Resource: everywhere,
      ...(statement as object),
    }));
    return { Version: '2012-10-17', Statement };
  }
  if (endpoint !== 'private' || vpcEndpoints === undefined) return undefined;
  const shared = { Principal: '*', Action: 'execute-api:Invoke', Resource: everywhere };
  return {
    Version: '2012-10-17',
    Statement: [
      { Effect: 'Deny', ...shared, Condition: { StringNotEquals: { 'aws:SourceVpce': [...vpcEndpoints] } } },
      { Effect: 'Allow', ...shared },
    ],
  };
}

/** Those that the user wrote; with cross-origin requests, the general ones get their headers too. */
export function gatewayResponses(api: RestApi): Readonly<Record<string, Resource>> {
  const { settings, prefix, id } = api;
  const headers = settings.cors ? gatewayHeaders(settings.cors) : {};
  const written = new Map(settings.gatewayResponses);
  for (const type of settings.cors ? ['DEFAULT_4XX', 'DEFAULT_5XX'] : []) {
    if (!written.has(type)) written.set(type, {});
  }
  return Object.fromEntries(
    [...written].map(([type, { status, headers: own, templates }]) => {
      const parameters = {
        ...headers,
        ...Object.fromEntries([...(own ?? [])].map(([name, value]) => [`gatewayresponse.header.${name}`, value])),
      };
      const Properties = {
        RestApiId: id,
        ResponseType: type,
        ...(status === undefined ? {} : { StatusCode: String(status) }),
        ...(Object.keys(parameters).length === 0 ? {} : { ResponseParameters: parameters }),
        ...(templates === undefined ? {} : { ResponseTemplates: Object.fromEntries(templates) }),
      };
      return [
        `${prefix}Response${type.split('_').map(capital).join('')}`,
        { Type: 'AWS::ApiGateway::GatewayResponse', Properties },
      ];
    }),
  );
}

const capital = (word: string): string => word.charAt(0) + word.slice(1).toLowerCase();
