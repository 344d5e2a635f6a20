// The table of commands, in the order of the help, one row per command. The code of a command loads when it runs.
import type { CommandTable } from '../command.ts';

export const commands = {
  init: {
    summary: 'Create a project from a template, or add a function to one',
    alone: 'project',
    takesWords: true,
    commands: {
      project: {
        summary: 'Create a project from a template; at a terminal, ask which',
        load: async () => (await import('./init.ts')).init,
      },
      function: {
        summary: 'Add a function with its events to project.yml, and write its handler',
        load: async () => (await import('./init-function.ts')).initFunction,
      },
    },
  },
  import: {
    summary:
      'Make a project.yml of a project of the Serverless Framework, SAM or Apex, and report what is not the same',
    load: async () => (await import('./import.ts')).importCommand,
  },
  validate: {
    summary: 'Check project.yml, build every function and validate the template; changes nothing in AWS',
    load: async () => (await import('./validate.ts')).validate,
  },
  config: {
    summary: 'Print the merged project, the origin of each value, or how two environments differ',
    load: async () => (await import('./config.ts')).config,
  },
  schema: {
    summary: 'Print the JSON Schema of project.yml, of fx.workspace.yml, or of what a command prints with --json',
    load: async () => (await import('./schema.ts')).schema,
  },
  envs: {
    summary: 'List the environments: account, region, whether protected, and whether deployed',
    load: async () => (await import('./envs.ts')).envs,
  },
  use: {
    summary: 'Choose the environment for this checkout',
    load: async () => (await import('./use.ts')).use,
  },
  build: {
    summary: 'Build every function and the template; list the artifacts or write them to a folder',
    load: async () => (await import('./build.ts')).build,
  },
  plan: {
    summary: 'Show what a deploy would change; writes nothing',
    load: async () => (await import('./plan.ts')).plan,
  },
  deploy: {
    summary: 'Build the project and make an environment match it',
    load: async () => (await import('./deploy.ts')).deploy,
  },
  dev: {
    summary: 'Deploy, watch, and make each change live as it is saved; show requests and logs',
    load: async () => (await import('./dev.ts')).dev,
  },
  releases: {
    summary: 'List the releases of an environment, newest first, show one, or compare two',
    alone: 'list',
    commands: {
      list: {
        summary: 'List the releases, newest first; marks the live one',
        load: async () => (await import('./releases.ts')).releasesList,
      },
      show: {
        summary: 'Show one release: who, when, how long, its functions and artifacts',
        load: async () => (await import('./releases.ts')).releasesShow,
      },
      diff: {
        summary: 'Show how two releases differ, in configuration and code',
        load: async () => (await import('./releases-diff.ts')).releasesDiff,
      },
    },
  },
  rollback: {
    summary: 'Restore an earlier release: traffic at once, then the stack; needs no source',
    load: async () => (await import('./rollback.ts')).rollback,
  },
  promote: {
    summary: "Deploy the artifacts of one environment's release to another",
    load: async () => (await import('./promote.ts')).promote,
  },
  attach: {
    summary: 'Watch a change in progress to its end, and record how it ended',
    load: async () => (await import('./attach.ts')).attach,
  },
  recover: {
    summary: 'Continue the rollback of a stack that is stuck',
    load: async () => (await import('./recover.ts')).recover,
  },
  invoke: {
    summary: 'Call a function through its live alias and print its response',
    load: async () => (await import('./invoke.ts')).invoke,
  },
  trigger: {
    summary: 'Make an event source call its function: send the message, put the object or record',
    load: async () => (await import('./trigger.ts')).trigger,
  },
  logs: {
    summary: 'Show what functions logged, and follow new lines',
    load: async () => (await import('./logs.ts')).logs,
  },
  metrics: {
    summary: 'Show calls, errors, durations and more of functions and APIs, with charts and releases',
    load: async () => (await import('./metrics.ts')).metrics,
  },
  traces: {
    summary: 'Show which services called which, cold starts, and the slowest traces',
    load: async () => (await import('./traces.ts')).traces,
  },
  info: {
    summary: 'Show what is deployed, its addresses and its functions',
    load: async () => (await import('./info.ts')).info,
  },
  open: {
    summary: 'Open the API, the AWS console or the logs of an environment in the browser',
    load: async () => (await import('./open.ts')).open,
  },
  env: {
    summary: "Show a function's environment variables as they are live, secrets hidden",
    load: async () => (await import('./env.ts')).env,
  },
  exec: {
    summary: "Run a command with an environment's names and outputs as variables",
    load: async () => (await import('./exec.ts')).exec,
  },
  pause: {
    summary: 'Stop what calls functions by itself: queues, streams, schedules, rules, pipes',
    load: async () => (await import('./pause.ts')).pause,
  },
  resume: {
    summary: 'Let what was paused go on',
    load: async () => (await import('./pause.ts')).resume,
  },
  doctor: {
    summary: 'Look for what is wrong, or will be, with an environment and its account',
    load: async () => (await import('./doctor.ts')).doctor,
  },
  redrive: {
    summary: 'Give a function its dead letters again, with a look at them first',
    load: async () => (await import('./redrive.ts')).redrive,
  },
  cost: {
    summary: 'Show what an environment costs in a month, from expected traffic or measured use',
    load: async () => (await import('./cost.ts')).cost,
  },
  tune: {
    summary: 'Measure a function with several memory sizes: time against cost',
    load: async () => (await import('./tune.ts')).tune,
  },
  events: {
    summary: 'Print sample events, and when schedules run next',
    alone: 'show',
    takesWords: true,
    commands: {
      show: {
        summary: 'Print an event as AWS sends it, to call a function with; without a name, list them',
        load: async () => (await import('./events-show.ts')).eventsShow,
      },
      next: {
        summary: 'Show when schedules call their functions next, in their time zone and in yours',
        load: async () => (await import('./events.ts')).eventsNext,
      },
    },
  },
  types: {
    summary: 'Write what project.yml says as TypeScript types: events, environment variables, names',
    load: async () => (await import('./types.ts')).types,
  },
  prune: {
    summary: 'Delete the versions and artifacts that no kept release needs',
    load: async () => (await import('./prune.ts')).prune,
  },
  remove: {
    summary: 'Delete an environment: its stack, its releases and its artifacts',
    load: async () => (await import('./remove.ts')).remove,
  },
  completion: {
    summary: 'Print the script that completes commands, options and names in bash, zsh or fish',
    load: async () => (await import('./completion.ts')).completion,
  },
  complete: {
    summary: 'What a shell offers for the words so far',
    hidden: true,
    load: async () => (await import('./completion.ts')).completeWords,
  },
  upgrade: {
    summary: 'Ask npm for the newest version of fx; nothing else ever does',
    load: async () => (await import('./upgrade.ts')).upgrade,
  },
  mcp: {
    summary: 'Serve the commands as tools of the Model Context Protocol, for coding agents',
    load: async () => (await import('./mcp.ts')).mcp,
  },
  local: {
    summary: 'Start, stop, find and reset the local AWS',
    commands: {
      start: {
        summary: 'Start the local AWS of this project or workspace in the background',
        load: async () => (await import('./local.ts')).localStart,
      },
      stop: {
        summary: 'Stop the local AWS of this project or workspace; keeps what is deployed to it',
        load: async () => (await import('./local.ts')).localStop,
      },
      status: {
        summary: 'Show whether the local AWS of this project or workspace is running, and where',
        load: async () => (await import('./local.ts')).localStatus,
      },
      save: {
        summary: 'Keep what the local AWS has now, for fx local reset',
        load: async () => (await import('./local.ts')).localSave,
      },
      reset: {
        summary: 'Make the local AWS what it was when it was saved, between tests',
        load: async () => (await import('./local.ts')).localReset,
      },
      advance: {
        summary: 'Move the clock of the local AWS on, so that what is due later happens',
        load: async () => (await import('./local.ts')).localAdvance,
      },
      serve: {
        summary: 'Run the local AWS of a folder in the foreground',
        hidden: true,
        load: async () => (await import('./local.ts')).localServe,
      },
    },
  },
} as const satisfies CommandTable;
