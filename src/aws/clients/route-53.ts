// The part of the Route 53 client that fx calls.
export { ListHostedZonesByNameCommand, Route53Client } from '@aws-sdk/client-route-53';
