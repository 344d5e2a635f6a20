// Kinds of templates that public projects have: what each becomes, and what is said of what is lost.
import { describe, expect, test } from 'vitest';
import { folderOf, schemas, today } from '../../../test/support/project.ts';
import type { Finding } from '../finding.ts';
import { importProject } from '../import.ts';

async function imported(text: string, files: Record<string, string> = {}) {
  const folder = await folderOf({ 'template.yaml': text, ...files });
  return importProject({
    path: folder,
    from: undefined,
    stage: undefined,
    shownFrom: folder,
    variables: {},
    schemas,
    today,
  });
}

const withFunction = (properties: string, resources = '', globals = '') =>
  `Transform: AWS::Serverless-2016-10-31\n${globals}Resources:\n  Work:\n    Type: AWS::Serverless::Function\n    Properties:\n      Runtime: nodejs24.x\n      Handler: work.handler\n${properties}${resources}`;

const told = (findings: readonly Finding[], kind: Finding['kind'] = 'dropped') =>
  findings.filter((finding) => finding.kind === kind).map(({ message, at }) => `${at.line} ${message}`);

describe('policy templates', () => {
  test('several statements, and a condition', async () => {
    const { draft, findings } = await imported(
      withFunction(
        '      Policies:\n        - AWSSecretsManagerRotationPolicy: {FunctionName: rotate}\n        - SSMParameterWithSlashPrefixReadPolicy:\n          ParameterName: /shop/key\n',
      ),
    );
    expect(draft.get(['functions', 'Work', 'permissions'])).toEqual([
      {
        Action: [
          'secretsmanager:DescribeSecret',
          'secretsmanager:GetSecretValue',
          'secretsmanager:PutSecretValue',
          'secretsmanager:UpdateSecretVersionStage',
        ],
        Resource: expect.anything(),
        Condition: expect.anything(),
      },
      'secretsmanager:GetRandomPassword on *',
      'ssm:DescribeParameters on *',
      expect.anything(),
    ]);
    expect(told(findings)).toEqual([]);
  });

  test('one without its parameter allows nothing', async () => {
    const { draft, findings } = await imported(withFunction('      Policies: [{S3ReadPolicy: {}}]\n'));
    expect(draft.has(['functions', 'Work', 'permissions'])).toBe(false);
    expect(told(findings)).toEqual(['8 the policy S3ReadPolicy does not say what it is for']);
  });
});

test('a flow list that ends at the column of its key, as in templates of AWS', async () => {
  const { draft } = await imported(
    withFunction(
      '',
      '',
      "Globals:\n  Api:\n    Auth:\n      ResourcePolicy:\n        CustomStatements: [{\n          Effect: Allow,\n          Action: 'execute-api:Invoke'\n        }]\n",
    ),
  );
  expect(draft.get(['rest', 'policy'])).toEqual([{ Effect: 'Allow', Action: 'execute-api:Invoke' }]);
});
