// The part of the ECR client that fx calls.
export {
  BatchDeleteImageCommand,
  BatchGetImageCommand,
  ECRClient,
  GetAuthorizationTokenCommand,
  paginateListImages,
} from '@aws-sdk/client-ecr';
