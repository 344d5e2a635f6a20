// The endpoint configuration of REST APIs.
import type { EndpointConfiguration } from '@aws-sdk/client-api-gateway';
import { badRequest } from '../api-gateway.ts';
import { AwsError } from '../cloud.ts';

export const defaultEndpoint: EndpointConfiguration = { types: ['EDGE'], ipAddressType: 'ipv4' };

const types: readonly string[] = ['PRIVATE', 'EDGE', 'REGIONAL'];
const addressTypes: readonly string[] = ['ipv4', 'dualstack'];

interface Input {
  readonly description?: string | undefined;
  readonly endpointConfiguration?: EndpointConfiguration | undefined;
}

/** The configuration with its defaults. Checks the description too, since AWS checks it between the two. */
export function checkEndpoint(shape: string, { description, endpointConfiguration: given }: Input) {
  const problems: string[] = [];
  const constraint = 'failed to satisfy constraint: Member must satisfy';
  if (given?.types?.some((type) => !types.includes(type))) {
    problems.push(
      `Value '[${given.types.join(', ')}]' at '${shape}.endpointConfiguration.types' ${constraint} constraint: [Member must satisfy enum value set: [${types.join(', ')}]]`,
    );
  }
  if (given?.ipAddressType !== undefined && !addressTypes.includes(given.ipAddressType)) {
    problems.push(
      `Value '${given.ipAddressType}' at '${shape}.endpointConfiguration.ipAddressType' ${constraint} enum value set: [${addressTypes.join(', ')}]`,
    );
  }
  if (problems.length > 0) {
    const count = problems.length === 1 ? '1 validation error' : `${problems.length} validation errors`;
    throw new AwsError('ValidationException', `${count} detected: ${problems.join('; ')}`);
  }
  if (description === '') throw badRequest('Description cannot be an empty string');
  if (given?.types?.length === 0) {
    throw badRequest('REGIONAL Configuration and EDGE Configuration cannot be both DISABLED.');
  }
  if ((given?.types?.length ?? 0) > 1) throw badRequest('Cannot create an api with multiple Endpoint Types.');
  const isPrivate = given?.types?.[0] === 'PRIVATE';
  if (isPrivate && given?.ipAddressType === 'ipv4') {
    throw badRequest('Only dualstack ipAddressType is supported for Private APIs.');
  }
  return {
    types: given?.types ?? ['EDGE'],
    ipAddressType: given?.ipAddressType ?? (isPrivate ? 'dualstack' : 'ipv4'),
    ...(given?.vpcEndpointIds?.length ? { vpcEndpointIds: given.vpcEndpointIds } : {}),
  } satisfies EndpointConfiguration;
}
