// The SDK's shapes of CloudFormation, under one name.
export type * as CloudFormation from '@aws-sdk/client-cloudformation';
