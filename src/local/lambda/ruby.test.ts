// Ruby functions on this machine's Ruby.
import { afterAll, describe, expect, test } from 'vitest';
import { artifactIn } from '../../../test/support/artifacts.ts';
import { localLambda } from '../../../test/support/local-lambda.ts';
import { folderOf } from '../../../test/support/project.ts';
import { reasonMissing, runs } from '../../../test/support/toolchain.ts';

const version = runs('ruby', '-e', 'print RUBY_VERSION');

const code = `require "json"

$calls = 0

def handler(event:, context:)
  case event["do"]
  when "fail" then raise "no #{event["what"]}"
  when "crash" then nobody.knows
  else
    $calls += 1
    puts "two", "lines"
    {
      calls: $calls,
      name: context.function_name,
      left: context.get_remaining_time_in_millis.between?(1, 30_000),
      arn: context.invoked_function_arn.split(":").last(2).join(":"),
      id: context.aws_request_id.length,
    }
  end
end

module Orders
  def self.list(event:, context:) = [event["id"], ENV["_HANDLER"]]
end
`;

describe.skipIf(version === undefined)(`a Ruby function${reasonMissing(version, 'there is no ruby here')}`, () => {
  const local = localLambda();
  afterAll(() => local.stop());
  const settings = { Runtime: 'ruby3.4' } as const;
  const artifact = async (text = code) =>
    artifactIn(
      await folderOf({
        'project.yml': 'name: s\nfunctions:\n  a: {runtime: ruby3.4}\n',
        'functions/a/lambda.rb': text,
      }),
    );

  test('answers, knows its context, and logs', async () => {
    const { result, log } = await local.invoke(await artifact(), settings, {});
    expect(result).toEqual({ calls: 1, name: 'a', left: true, arn: 'function:a', id: 36 });
    expect(log).toMatch(/two\nlines\n/);
  });

  test('a method of a module', async () => {
    const made = await artifact();
    const ofModule = { ...made, code: { ...made.code, handler: 'lambda.Orders.list' } };
    expect((await local.invoke(ofModule, settings, { id: 7 })).result).toEqual([7, 'lambda.Orders.list']);
  });

  test('errors have their class, message and lines, as on AWS', async () => {
    const made = await artifact();
    const failed = await local.invoke(made, settings, { do: 'fail', what: 'tea' });
    expect(failed.result).toEqual({
      errorMessage: 'no tea',
      errorType: 'Function<RuntimeError>',
      stackTrace: [expect.stringMatching(/lambda\.rb:7:in .*handler/)],
    });
    expect(failed.log).toContain('Error raised from handler method\n{\n  "errorMessage": "no tea",');
    const crashed = await local.invoke(made, settings, { do: 'crash' });
    expect(crashed.result).toMatchObject({ errorType: 'Function<NameError>' });
  });

  test('a file that does not load, and a handler that is none', async () => {
    const broken = await local.invoke(
      await artifact('require "no_such_gem"\n\ndef handler(event:, context:) = 1\n'),
      settings,
      {},
    );
    expect(broken.result).toMatchObject({
      errorType: 'Init<LoadError>',
      errorMessage: expect.stringContaining('no_such_gem'),
    });
    const made = await artifact();
    const wrong = await local.invoke({ ...made, code: { ...made.code, handler: 'lambda' } }, settings, {});
    expect(wrong.result).toMatchObject({ errorType: 'Init<ArgumentError>' });
  });
});
