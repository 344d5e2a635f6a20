// The part of the X-Ray client that fx calls.
export {
  BatchGetTracesCommand,
  paginateGetServiceGraph,
  paginateGetTraceSummaries,
  XRayClient,
} from '@aws-sdk/client-xray';
