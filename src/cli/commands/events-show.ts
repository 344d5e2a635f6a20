// fx events show
import { FxError } from '../../base/error.ts';
import { sampleNamed, samples } from '../../events/samples/index.ts';
import { command } from '../command.ts';
import { edited } from '../editor.ts';

export const eventsShow = command({
  output: 'events show',
  needs: 'folder',
  args: { name: { about: 'a source, such as sqs, or one of its variants', kind: 'optional' } },
  options: {
    set: { kind: 'repeated', value: 'path=value', about: 'put text or JSON at a place, such as Records.0.body={}' },
    edit: { kind: 'flag', about: 'open it in $VISUAL or $EDITOR first' },
  },
  examples: [
    ['fx events', 'The names'],
    ['fx events sqs | fx invoke worker', 'Call a function with a message of a queue'],
    [`fx events sqs --set 'Records.0.body={"id": 7}'`, 'The same with a body of your own'],
    ['fx events s3 --edit > event.json', 'Edit it, and keep it'],
  ],
  async run(invocation) {
    const { args, options, io } = invocation;
    const { name } = args;
    if (name === undefined) {
      if (options.edit || options.set.length > 0)
        throw new FxError('USAGE', '--set and --edit need the name of an event');
      const width = Math.max(...Object.keys(samples).map((key) => key.length));
      const lines = Object.entries(samples).map(([key, { about }]) => `${key.padEnd(width)}  ${about}`);
      invocation.print(lines.join('\n'));
      invocation.result(
        Object.fromEntries(Object.entries(samples).map(([key, { about, aws }]) => [key, { about, aws }])),
      );
      return 0;
    }
    let event: unknown = sampleNamed(name).event;
    for (const assignment of options.set) event = withValue(event, assignment);
    if (options.edit) event = await edited(event, `${name}.json`, io.variables);
    invocation.print(JSON.stringify(event, null, 2));
    invocation.result(event);
    return 0;
  },
});

/** `Records.0.body=text`: a value that is JSON is JSON, unless the place holds text. */
function withValue(event: unknown, assignment: string): unknown {
  const equals = assignment.indexOf('=');
  const path = assignment.slice(0, Math.max(0, equals)).split('.');
  if (equals < 1) {
    throw new FxError('USAGE', `--set takes path=value, not ${JSON.stringify(assignment)}`, {
      hint: `such as --set 'Records.0.body={"id": 7}'`,
    });
  }
  return replaced(event, path, assignment.slice(equals + 1), assignment);
}

function replaced(value: unknown, [key, ...rest]: readonly string[], text: string, assignment: string): unknown {
  if (key === undefined) return typeof value === 'string' ? text : parsed(text);
  if (typeof value !== 'object' || value === null) {
    throw new FxError('USAGE', `--set ${assignment}: there is no place for "${key}"`);
  }
  if (Array.isArray(value)) {
    if (!/^\d+$/.test(key) || Number(key) > value.length) {
      throw new FxError('USAGE', `--set ${assignment}: "${key}" is no place in a list of ${value.length}`);
    }
    return value.toSpliced(Number(key), 1, replaced(value[Number(key)], rest, text, assignment));
  }
  const members = value as Readonly<Record<string, unknown>>;
  const before = members[key] ?? (rest.length === 0 ? undefined : {});
  return { ...members, [key]: replaced(before, rest, text, assignment) };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // not JSON: text
    return text;
  }
}
