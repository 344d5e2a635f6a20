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
  options: {
    drift: { kind: 'flag', about: 'ask CloudFormation what was changed outside of it, which may take minutes' },
    ...workspaceOption,
  },
  examples: [
    ['fx info --env prod', 'What is live in prod'],
    ['fx info --env prod --drift', 'And what somebody has changed by hand'],
  ],
  async run(invocation) {
    const { environment, context } = await openSession(invocation);
    const operate = await import('../../operate/info.ts');
    const result = await operate.info(environment, { drift: invocation.options.drift }, context);
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
    ...driftLines(info.drift),
    'outputs',
    outputText(info.outputs),
    ...resourceLines(info),
    'functions',
    ...info.functions.flatMap(functionLines),
    ...pausedLines(info.paused),
  ].join('\n');
}

function driftLines({ status, checked, resources }: Info['drift']): readonly string[] {
  if (checked === undefined) return [];
  const words: Readonly<Record<string, string>> = { IN_SYNC: 'none', DRIFTED: 'some', UNKNOWN: 'unknown' };
  const more = status === 'DRIFTED' && resources === undefined ? '  (--drift names it)' : '';
  return [
    `drift    ${words[status] ?? status}  ${checked}${more}`,
    ...(resources ?? []).flatMap(({ logicalId, type, status: how, differences }) => [
      `  ${logicalId}  ${type}${how === 'DELETED' ? '  deleted' : ''}`,
      ...differences.map(({ path, expected, actual }) => `    ${path}  ${expected} → ${actual}`),
    ]),
  ];
}

function pausedLines(paused: Info['paused']): readonly string[] {
  if (paused.length === 0) return [];
  return [
    'paused',
    ...paused.map(({ logicalId, text, functions }) => `  ${logicalId}  ${text}  ${functions.join(', ')}`),
  ];
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
