// The part of the EventBridge Pipes client that fx calls.
export { DescribePipeCommand, PipesClient, StartPipeCommand, StopPipeCommand } from '@aws-sdk/client-pipes';
