// fx info
import { command } from '../command.ts';
import { outputText } from '../render/outputs.ts';
import { openSession } from '../session.ts';

export const info = command({
  needs: 'project',
  examples: [['fx info --env prod', 'What is live in prod']],
  async run(invocation) {
    const { project, context } = await openSession(invocation);
    const operate = await import('../../operate/info.ts');
    const found = await operate.info(project, context);
    const lines = [
      `stack    ${found.stackName}  ${found.status}`,
      `release  ${found.release ?? '-'}${found.updated === undefined ? '' : `  ${found.updated}`}`,
      'outputs',
      outputText(found.outputs),
      'functions',
      ...found.functions.map(
        ({ name, physicalName, version, runtime, memory, timeout, events }) =>
          `  ${name}  ${physicalName}  live@${version ?? '-'}  ${runtime}  ${memory} MB  ${timeout}s${events.length > 0 ? `\n    ${events.join('\n    ')}` : ''}`,
      ),
    ];
    invocation.print(lines.join('\n'));
    invocation.result(found);
    return 0;
  },
});
