// What causes each error of fx, and what helps: for `fx help CODE` and docs/reference/errors.md.
import { type ErrorCode, errorTable } from '../base/error.ts';

export interface ErrorHelp {
  readonly causes: string;
  readonly remedy: string;
}

export const errorHelp: Readonly<Record<ErrorCode, ErrorHelp>> = {
  USAGE: {
    causes:
      'An option or argument that the command does not have, a value in another form, or two options that exclude each other.',
    remedy: 'Each command has `--help` with examples; the hint names the nearest word.',
  },
  PROJECT_NOT_FOUND: {
    causes: 'Neither the working folder nor one above it has a project.yml.',
    remedy: 'Change to the folder of the project, name it with `-C`, or make one with `fx init`.',
  },
  PROJECT_INVALID: {
    causes:
      'A key that fx does not know, a value of another type, a lookup without a value, or a rule of AWS that the file breaks.',
    remedy: 'Each problem has its line and column. `fx config --origin` shows where a merged value comes from.',
  },
  ENVIRONMENT_UNKNOWN: {
    causes: '`--env`, FX_ENV or `fx use` names an environment that project.yml does not have.',
    remedy: '`fx envs` lists them. Add it under `environments`, with nothing below it if all stays the same.',
  },
  ALREADY_EXISTS: {
    causes: 'A command that writes files found one of them there.',
    remedy: 'Name another folder or file, or move the one that is there. Nothing was written.',
  },
  IMPORT_FAILED: {
    causes: 'The configuration of the other tool has a syntax error, runs code that fails, or is for another cloud.',
    remedy: 'Repair the place that the message names; the other tool would fail there as well.',
  },
  BUILD_FAILED: {
    causes: 'The code does not compile, a package is missing, or a tool of the language is not installed or failed.',
    remedy: 'The output of the tool is above the error. `fx build NAME` builds one function alone.',
  },
  HOOK_FAILED: {
    causes: 'A command under `hooks` ended with another exit code than 0.',
    remedy: 'Run the command by itself in the folder of project.yml.',
  },
  PLUGIN_FAILED: {
    causes: 'A plugin threw, or its transform changed what plugins may not change.',
    remedy: 'The message names the plugin and the rule. `--debug` shows the stack.',
  },
  HANDLER_INVALID: {
    causes: 'The built code throws when it is loaded, or exports nothing by the name after the last dot of `handler`.',
    remedy: 'Check the name, and what runs at the top level of the file: Lambda would fail in the same way.',
  },
  ARTIFACT_TOO_LARGE: {
    causes: 'A function with its layers has more than 250 MB unzipped.',
    remedy:
      '`fx build --size` lists the largest files. Exclude what is not needed, move data to S3, or use a container image.',
  },
  TEMPLATE_INVALID: {
    causes:
      'A resource has a property of the wrong type, refers to one that is not there, or the template is over a limit.',
    remedy: 'Each problem names the resource and the property. `fx build --output DIR` writes the template.',
  },
  ACCOUNT_MISMATCH: {
    causes: 'The environment has `account`, and the credentials are for another one.',
    remedy: 'Choose the profile of that account with `--profile` or `profile:`. Nothing else was called.',
  },
  STACK_FOREIGN: {
    causes: 'A stack of the name that fx would use exists, and fx did not make it for this project.',
    remedy:
      'Choose another `name` or `stackName`. Take the stack of another tool over with `fx import --adopt`, or remove it with that tool.',
  },
  STACK_FAILED: {
    causes: 'CloudFormation refused a resource, or its service did; the stack is rolled back.',
    remedy:
      'The message has the first cause and its resource. Repair it and deploy again; what is live did not change.',
  },
  DEPLOY_ABORTED: {
    causes:
      'The condition of `--abort-on` or an alarm of the deployment was met while the release got a part of the traffic.',
    remedy: '`fx logs --release N --errors` shows what it did. All traffic is with the release before.',
  },
  STACK_STUCK: {
    causes: 'A rollback of CloudFormation failed, or somebody deleted what it needs.',
    remedy: '`fx recover` continues the rollback; `--skip RESOURCE` leaves out what cannot be rolled back.',
  },
  NOT_DEPLOYED: {
    causes: 'Nothing was deployed to the environment, or it was removed.',
    remedy: '`fx deploy --env NAME` deploys it. `fx envs` shows what is deployed.',
  },
  RELEASE_NOT_FOUND: {
    causes: 'The number, commit or time names no release that is kept.',
    remedy: '`fx releases` lists them. `keep:` says how many stay.',
  },
  RELEASE_TOO_NEW: {
    causes: 'Somebody deployed with a newer fx.',
    remedy: 'Use that version of fx, which the message names.',
  },
  RELEASE_UNREADABLE: {
    causes: 'An object of the ledger was changed or deleted in the bucket.',
    remedy: 'Restore its version in S3: the bucket is versioned. Or roll back to another release.',
  },
  PLAN_UNREADABLE: {
    causes: 'The file was cut off or changed, or is none that `fx plan -o` wrote.',
    remedy: 'Make the plan again.',
  },
  PLAN_OUTDATED: {
    causes: 'Somebody deployed in the meantime.',
    remedy: 'Make the plan again, and look at it again.',
  },
  FUNCTION_FAILED: {
    causes: 'The function threw, ran out of time or memory, or its process ended.',
    remedy: 'The message has what it threw and where; `fx logs NAME` has what it wrote before.',
  },
  AWS_UNREACHABLE: {
    causes: 'No network, a proxy, or an AWS_ENDPOINT_URL at which nothing listens.',
    remedy: 'Try again; check AWS_ENDPOINT_URL and HTTPS_PROXY.',
  },
  AWS_CREDENTIALS: {
    causes: 'No credentials were found, or they have expired.',
    remedy: '`aws sso login --profile NAME`, or set AWS_PROFILE. `fx doctor` shows who you are.',
  },
  AWS_REFUSED: {
    causes: 'The credentials lack a right, a limit is reached, or AWS does not take a value.',
    remedy: "The message has AWS's own words and the call. `fx doctor permissions` simulates what you may do.",
  },
  LOCAL_NOT_STARTED: {
    causes: 'The local AWS ended at once, or is not running.',
    remedy: 'Its log is .fx/local/server.log. `fx local start` starts it.',
  },
  DECLINED: {
    causes: 'You answered no; or a question came up where nobody could answer it.',
    remedy: 'Run it again and agree, or give the option that the hint names.',
  },
  INTERRUPTED: {
    causes: 'Ctrl-C, or the signal of a CI job.',
    remedy: '`fx attach` watches the change to its end; the next deploy settles it as well.',
  },
  BUSY: {
    causes: 'Another fx changes the environment, or another change of the stack is in progress.',
    remedy: 'Wait, or leave out `--no-wait`: fx then waits by itself.',
  },
};

export const isErrorCode = (word: string): word is ErrorCode => Object.hasOwn(errorTable, word);

export function errorHelpText(code: ErrorCode): string {
  const { exit, about } = errorTable[code];
  const { causes, remedy } = errorHelp[code];
  return `${code}  exit code ${exit}\n\n${about}\n\nCauses: ${causes}\n\nWhat helps: ${remedy}\n`;
}
