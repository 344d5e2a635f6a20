// The part of the EventBridge Scheduler client that fx calls.
export { GetScheduleCommand, SchedulerClient, UpdateScheduleCommand } from '@aws-sdk/client-scheduler';
