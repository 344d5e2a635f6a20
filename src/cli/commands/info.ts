// fx info
import type { FunctionInfo, Info } from '../../operate/info.ts';
import { command } from '../command.ts';
import { outputText } from '../render/outputs.ts';
import { aliasText, unfinishedText } from '../render/release-text.ts';
import { openSession } from '../session.ts';
import { workspaceOption } from '../workspace/options.ts';

export const info = command({
  output: 'info',
  needs: 'environment',
  inEachRegion: true,
  inEachProject: { order: 'any', notDeployed: () => 0 },
  options: workspaceOption,
  examples: [['fx info --env prod', 'What is live in prod']],
  async run(invocation) {
    const { environment, context } = await openSession(invocation);
    const operate = await import('../../operate/info.ts');
    const result = await operate.info(environment, context);
    invocation.print(infoText(result));
    invocation.result(result);
    return 0;
  },
});

function infoText(info: Info): string {
  return [
    `stack    ${info.stackName}  ${info.status}`,
    `release  ${info.release ?? '-'}${info.updated === undefined ? '' : `  ${info.updated}`}`,
    ...info.unfinished.map(unfinishedText),
    'outputs',
    outputText(info.outputs),
    ...resourceLines(info),
    'functions',
    ...info.functions.flatMap(functionLines),
  ].join('\n');
}

function resourceLines({ resources }: Info): readonly string[] {
  if (resources.length === 0) return [];
  const width = (key: 'logicalId' | 'kind') => Math.max(...resources.map((resource) => resource[key].length));
  const [ids, kinds] = [width('logicalId'), width('kind')];
  const lines = resources.map(
    ({ logicalId, kind, physicalId }) => `  ${logicalId.padEnd(ids)}  ${kind.padEnd(kinds)}  ${physicalId}`,
  );
  return ['resources', ...lines];
}

function functionLines(info: FunctionInfo): readonly string[] {
  const { name, physicalName, version, expected, weights, runtime, memory, timeout, events } = info;
  const drifted = expected !== undefined || Object.keys(weights).length > 0;
  return [
    `  ${name}  ${physicalName}  live@${version ?? '-'}  ${runtime ?? 'image'}  ${memory} MB  ${timeout}s`,
    ...(drifted ? [`    ${aliasText({ version, expected: expected ?? version ?? '-', weights })}`] : []),
    ...events.map((event) => `    ${event}`),
  ];
}
