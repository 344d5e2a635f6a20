// The part of the Systems Manager client that fx calls.
export { GetParameterCommand, GetParametersCommand, SSMClient } from '@aws-sdk/client-ssm';
