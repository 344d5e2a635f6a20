// Queues that functions read: the visibility timeout against the function's, and dead letters that wait.
// https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html
import { deadLettersIn, queuesReadIn } from '../redrive.ts';
import { type Finding, type LiveCheck, settingAt } from './check.ts';

/** AWS's advice. */
const factor = 6;

export const queues: LiveCheck = {
  about: 'queues and dead letters',
  needsLive: true,
  async run(patient) {
    const { project, context } = patient;
    const stack = await patient.stack();
    const findings: Finding[] = [];
    for (const { name, timeout } of project.functions) {
      const at = settingAt(patient, name, 'events');
      for (const { visibilityTimeout, arn } of await queuesReadIn(stack, name, context)) {
        if (visibilityTimeout >= factor * timeout) continue;
        findings.push({
          level: visibilityTimeout < timeout ? 'problem' : 'warning',
          message: `${name} may take ${timeout} s, and ${queueName(arn)} shows a message again after ${visibilityTimeout} s: it may be handled twice`,
          at,
          hint: `AWS advises six times the function's timeout: ${factor * timeout} s`,
        });
      }
      const waiting = await deadLettersIn(stack, name, context);
      for (const queue of waiting.filter(({ messages }) => messages > 0)) {
        findings.push({
          level: 'warning',
          message: `${queue.name} has ${queue.messages} dead letters of ${name}`,
          at,
          hint: `fx redrive ${name} --dry-run shows some`,
        });
      }
    }
    return findings;
  },
};

const queueName = (arn: string): string => arn.split(':').at(-1) ?? arn;
