// The text of each report, in one place: plain for a pipe, with colours for a terminal.

import { megabytes } from '../../artifact/limits.ts';
import type {
  AliasNotMovedReport,
  LogsMissingReport,
  Report,
  ResourceReport,
  SettledChangeReport,
  Stage,
  StageReport,
} from '../../base/report.ts';
import { shortName, timeText } from './release-text.ts';

const stageTexts: Readonly<Record<Stage, string>> = {
  'starting-local-aws': 'Starting the local AWS',
  building: 'Building',
  comparing: 'Comparing with what is live',
  'creating-bucket': 'Creating the artifact bucket of this account and region (once)',
  'creating-repository': 'Creating the repository of container images of this account and region (once)',
  uploading: 'Uploading',
  'moving-traffic': 'Moving traffic',
  'creating-stack': 'Creating the stack',
  'updating-stack': 'Updating the stack',
  'awaiting-functions': 'Waiting for the functions',
  'removing-stack': 'Deleting the stack',
  'waiting-for-stack': 'Waiting for the stack',
  attached: 'Watching the stack',
  'recovering-stack': 'Rolling the stack back',
  'restoring-stack': 'Restoring the stack',
  'creating-change-set': 'Asking CloudFormation for a change set',
  'querying-logs': 'Querying the logs',
};

export function stageText({ stage, stack, release }: StageReport): string {
  if (stack !== undefined && stage === 'waiting-for-stack') {
    return `${stack.name} is in ${stack.status}: waiting for the change in progress`;
  }
  if (stack !== undefined && stage === 'attached') return `${stack.name} is in ${stack.status}: watching it`;
  return release === undefined ? stageTexts[stage] : `${stageTexts[stage]} to release ${release}`;
}

/** Undefined if the report is not worth a line. */
export function reportText(report: Report): string | undefined {
  switch (report.kind) {
    case 'target': {
      const where = report.endpoint === undefined ? '' : ` at ${report.endpoint}`;
      return `${report.project} · ${report.environment} · account ${report.account} · ${report.region}${where}`;
    }
    case 'stage':
      return stageText(report);
    case 'building':
      return `  ${report.functionName}: ${report.text}`;
    case 'built':
      return `  ${report.cached ? 'unchanged' : 'built'} ${report.functionName}, ${megabytes(report.bytes)}`;
    case 'not-loaded':
      return `  ${report.functionName} was not loaded here: ${report.reason}`;
    case 'build-note':
      return `  ${report.functionName}: ${report.text}`;
    case 'hook':
      return `  ${report.owner} ${report.moment}: ${report.line}`;
    case 'uploaded':
      return `  uploaded ${report.name}, ${megabytes(report.bytes)}`;
    case 'resource':
      return resourceText(report);
    case 'rolling-back':
      return 'CloudFormation is rolling back:';
    case 'recreating':
      return `${report.stack.name} is in ${report.stack.status} and was never created successfully: recreating it`;
    case 'alias':
      return `  ${report.functionName} answers with version ${report.version}`;
    case 'alias-not-moved':
      return aliasText(report);
    case 'change-settled':
      return settledText(report);
    case 'resuming':
      return `Resuming the interrupted rollback to release ${report.of} (release ${report.number})`;
    case 'traffic-step':
      return `  ${report.share}% of the calls of ${report.functions.join(', ')} go to the new version; watching for ${durationText(report.seconds)}`;
    case 'traffic-watch':
    case 'logs-query':
      return undefined;
    case 'traffic-at-once':
      return `  ${report.functionName} moves all at once: ${report.reason}`;
    case 'traffic-back':
      return `All calls go to the old versions again: ${report.reason}`;
    case 'smoke':
      return `  ${report.functionName} answered ${report.file}`;
    case 'pruned':
      return `  deleted ${report.versions} versions and ${report.objects} objects of older releases`;
    case 'not-pruned':
      return `warning: what older releases had was not deleted (${report.reason}); fx prune does it`;
    case 'waiting-for-lease':
      return `Waiting for ${shortName(report.who)}, who runs \`${report.command}\` since ${timeText(report.began)}`;
    case 'lease-expired':
      return `Taking over from \`${report.command}\` of ${shortName(report.who)}, which ended without a word`;
    case 'lease-not-released':
      return `warning: the lease was not released (${report.reason}): others wait for it for ${report.seconds} s`;
    case 'logs-delayed':
      return report.reason === 'throttled'
        ? `CloudWatch Logs throttles the searches: lines are delayed by ${report.seconds} s`
        : `CloudWatch Logs does not answer: trying again every ${report.seconds} s or more`;
    case 'logs-missing':
      return missingLogsText(report);
    // https://aws.amazon.com/cloudwatch/pricing/
    case 'logs-live':
      return 'Live Tail costs about $0.01 a minute, after 1,800 free minutes a month';
    case 'logs-polling':
      return `Polling instead of Live Tail: ${report.reason}`;
    case 'logs-sampled':
      return 'More than 500 lines a second: Live Tail sends a sample of them (fx logs without --live has all)';
    case 'logs-slow': {
      const what = report.follow ? 'a line of a quiet function can take' : 'reading them takes about';
      return `${report.groups} log groups: ${what} ${report.seconds} s, since CloudWatch Logs takes five searches a second (name fewer functions, or let them share one: logging.logGroup)`;
    }
    case 'warning': {
      const { file, line, column } = report.at;
      const hint = report.hint === undefined ? '' : ` (${report.hint})`;
      return `warning: ${file}:${line}:${column} ${report.message}${hint}`;
    }
  }
}

function missingLogsText({ functions, awaited }: LogsMissingReport): string {
  const few = functions.slice(0, 3).map((name) => `"${name}"`);
  const names = functions.length > few.length ? [...few, `${functions.length - few.length} more`] : few;
  const has = functions.length === 1 ? 'has no log group' : 'have no log groups';
  return `${names.join(', ')} ${has}${awaited ? ' yet: waiting for the first deploy' : ': not deployed'}`;
}

/** `90 s`, `5 min`. */
function durationText(seconds: number): string {
  return seconds % 60 === 0 ? `${seconds / 60} min` : `${seconds} s`;
}

function resourceText({ logicalId, status, reason, done, total }: ResourceReport): string | undefined {
  // the start of a resource's change is noise; most report it twice. A deployment takes minutes, and can be stopped by its id
  if (status.endsWith('_IN_PROGRESS')) {
    return reason?.startsWith('CodeDeploy ') === true ? `  ${logicalId}: ${reason}` : undefined;
  }
  return `  ${done}/${total} ${logicalId} ${status}${reason === undefined ? '' : `: ${reason}`}`;
}

function aliasText({ functionName, version, reason, stackFollows }: AliasNotMovedReport): string {
  const why =
    reason === 'busy'
      ? `Lambda is changing "${functionName}"`
      : `version ${version ?? 'unknown'} of "${functionName}" does not exist`;
  return stackFollows
    ? `warning: ${why}: its traffic moves with the stack`
    : `warning: ${why}: its live alias did not move (run the same command again)`;
}

function settledText({ number, change, live }: SettledChangeReport): string {
  return live
    ? `Release ${number}, an interrupted ${change}, is live: recorded it`
    : `Release ${number}, an interrupted ${change}, never went live: recorded it as failed`;
}
