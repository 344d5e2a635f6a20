// The part of the Lambda client that fx calls.
export {
  DeleteFunctionCommand,
  DeleteLayerVersionCommand,
  GetAliasCommand,
  InvokeCommand,
  LambdaClient,
  paginateListAliases,
  paginateListLayerVersions,
  paginateListVersionsByFunction,
  UpdateAliasCommand,
} from '@aws-sdk/client-lambda';
