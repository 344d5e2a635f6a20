// Events that get lost: asynchronous calls that fail in the end, with nowhere to go.
import { type Check, settingAt } from './check.ts';

/** The sources that call asynchronously. https://docs.aws.amazon.com/lambda/latest/dg/invocation-async.html */
const asynchronous = ['s3', 'sns', 'schedule', 'eventbridge', 'iot', 'logs'];

export const failures: Check = {
  about: 'asynchronous calls without a place for what fails',
  async run(patient) {
    return patient.project.functions.flatMap(({ name, events, deadLetterQueue, destinations }) => {
      const kinds = [...new Set(events.map(({ kind }) => kind).filter((kind) => asynchronous.includes(kind)))];
      if (kinds.length === 0 || deadLetterQueue !== undefined || destinations?.onFailure !== undefined) return [];
      return [
        {
          level: 'warning' as const,
          message: `${name}: events of ${kinds.join(' and ')} that still fail after all retries are lost`,
          at: settingAt(patient, name, 'events'),
          hint: 'deadLetterQueue: Name, or destinations: {onFailure: Name}, keeps it; fx redrive gives it back',
        },
      ];
    });
  },
};
