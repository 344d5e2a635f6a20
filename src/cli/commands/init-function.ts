// fx init function
import { relative, resolve } from 'node:path';
import { command } from '../command.ts';

export const initFunction = command({
  output: 'init function',
  needs: 'folder',
  args: { name: { about: 'of the function', kind: 'required' } },
  options: {
    event: {
      kind: 'repeated',
      value: 'event',
      about: "what calls it, as in project.yml: 'http: GET /orders'; repeatable",
    },
    language: {
      kind: 'text',
      short: 'l',
      value: 'language',
      about: "of its code (default: that of the project's functions)",
    },
    runtime: { kind: 'text', value: 'runtime', about: 'such as nodejs24.x (default: that of the project)' },
    handler: {
      kind: 'text',
      value: 'handler',
      about: 'such as src/orders.handler; its file is written if it is not there',
    },
    config: { kind: 'text', short: 'c', value: 'file', about: 'the project file if it is not project.yml' },
  },
  examples: [
    ["fx init function orders --event 'http: GET /orders'", 'Add a function behind a route of the HTTP API'],
    [
      "fx init function bills --event 'sqs: {queue: {make: Bills}}' --event 'schedule: rate(1 hour)'",
      'With a queue that fx makes, and every hour',
    ],
    ["fx init function stats --language python --event 'schedule: cron(0 6 * * ? *)'", 'In another language'],
  ],
  async run(invocation) {
    const { io, args, options, common } = invocation;
    const { addFunction } = await import('../../scaffold/add-function.ts');
    const { config, event: events, ...code } = options;
    const added = await addFunction({
      ...code,
      name: args.name,
      events,
      folder: resolve(io.workingFolder, common.folder),
      ...(config === undefined ? {} : { file: resolve(io.workingFolder, config) }),
      variables: io.variables,
      shownFrom: io.workingFolder,
      today: new Date(io.now()),
    });
    const place = `${relative(io.workingFolder, added.file)}:${added.line}`;
    invocation.print(
      [`Added "${args.name}" at ${place}`, ...added.files.map((file) => `  ${file}`), '', 'Next:', '  fx deploy'].join(
        '\n',
      ),
    );
    invocation.result({ function: args.name, ...added });
    return 0;
  },
});
