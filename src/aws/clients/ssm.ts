// The part of the Systems Manager client that fx calls.
export { GetParametersCommand, SSMClient } from '@aws-sdk/client-ssm';
