// The part of the CloudWatch client that fx calls.
export { CloudWatchClient, paginateGetMetricData } from '@aws-sdk/client-cloudwatch';
