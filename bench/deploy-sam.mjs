// SAM CLI in the deploy benchmark: one stack of plain CloudFormation resources, since the local AWS has no serverless transform.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { names, writeHandler } from './deploy-source.mjs';
import { run } from './measure.mjs';

const bucket = 'sam-bench';
// contains service and region; the local AWS checks no signature
const signature =
  'AWS4-HMAC-SHA256 Credential=bench/20260101/us-east-1/s3/aws4_request, SignedHeaders=host, Signature=0';

const role = {
  Type: 'AWS::IAM::Role',
  Properties: {
    AssumeRolePolicyDocument: {
      Version: '2012-10-17',
      Statement: [{ Effect: 'Allow', Principal: { Service: 'lambda.amazonaws.com' }, Action: 'sts:AssumeRole' }],
    },
    ManagedPolicyArns: ['arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole'],
  },
};

/** Installs it into the folder, in a virtual environment, and creates its bucket. Throws if Python or pip cannot. */
export async function samTool(folder, variables) {
  const python = 'python3';
  await run(python, ['-m', 'venv', folder]);
  await run(join(folder, 'bin/pip'), ['install', '--quiet', 'aws-sam-cli']);
  const created = await fetch(`${variables.AWS_ENDPOINT_URL}/${bucket}`, {
    method: 'PUT',
    headers: { authorization: signature },
  });
  if (!created.ok) throw new Error(`the bucket of SAM CLI cannot be created: ${created.status}`);
  const env = { ...variables, SAM_CLI_TELEMETRY: '0' };
  const sam = (cwd, ...words) => run(join(folder, 'bin/sam'), words, { cwd, env });
  return {
    name: 'SAM CLI',
    write(place, service, count) {
      const functions = names(count).map((name) => [
        name.toUpperCase(),
        {
          Type: 'AWS::Lambda::Function',
          Properties: {
            FunctionName: `${service}-${name}`,
            Runtime: 'nodejs22.x',
            Handler: 'index.handler',
            Role: { 'Fn::GetAtt': ['Role', 'Arn'] },
            Code: `./${name}`,
          },
        },
      ]);
      mkdirSync(place, { recursive: true });
      const template = { Resources: { Role: role, ...Object.fromEntries(functions) } };
      writeFileSync(join(place, 'template.json'), JSON.stringify(template));
      const change = (marker) => writeHandler(join(place, 'f0/index.js'), 'f0', marker);
      for (const name of names(count)) writeHandler(join(place, `${name}/index.js`), name, 'first');
      const deploy = () =>
        sam(
          place,
          ...['deploy', '--template-file', 'template.json', '--stack-name', service, '--region', 'us-east-1'],
          ...['--s3-bucket', bucket, '--s3-prefix', service, '--capabilities', 'CAPABILITY_NAMED_IAM'],
          ...['--no-confirm-changeset', '--no-fail-on-empty-changeset'],
        );
      return {
        change,
        deploy,
        /** It has none: the earlier source, deployed again. Writing it is outside of the measured time. */
        async beforeRollback() {
          change('first');
        },
        rollback: deploy,
        function: `${service}-f0`,
        qualifier: undefined,
      };
    },
  };
}
