// The part of the CloudWatch client that fx calls.
export {
  CloudWatchClient,
  paginateDescribeAlarms,
  paginateGetMetricData,
  paginateListMetrics,
} from '@aws-sdk/client-cloudwatch';
