// Agents of version 4 become resources of Bedrock AgentCore that refer to each other, with roles that may use what they use.
import { expect, test } from 'vitest';
import { importedFrom } from '../../../../test/support/imported.ts';

async function imported(ai: string, files: Record<string, string> = {}) {
  const text = `service: desk\nprovider: {name: aws}\nfunctions:\n  look-up: {handler: look.handler, runtime: nodejs24.x}\nai:\n${ai}`;
  const result = await importedFrom({ 'serverless.yml': text, 'look.js': 'export const handler = () => 1', ...files });
  const dropped = result.findings.filter(({ kind }) => kind === 'dropped').map(({ message }) => message);
  return { ...result, dropped, resources: result.compiled?.stacks.root.template.Resources ?? {} };
}

test('an agent with a browser of its own', async () => {
  const { resources, dropped } = await imported(`
  browsers:
    watched:
      recording: {enabled: true, s3Location: {bucket: tapes, prefix: a/}}
      role: {statements: [{Effect: Allow, Action: 's3:GetObject', Resource: 'arn:aws:s3:::tapes/*'}]}
  codeInterpreters:
    open: {network: {mode: PUBLIC}}
  agents:
    reader:
      environment: {BROWSER: !GetAtt WatchedBrowser.BrowserId}
      role: {statements: [{Effect: Allow, Action: 's3:PutObject', Resource: 'arn:aws:s3:::papers/*'}]}
`);
  expect(dropped).toEqual(['fx does not build the agent "reader"']);
  expect(resources['WatchedBrowser']?.Properties).toMatchObject({
    RecordingConfig: { Enabled: true, S3Location: { Bucket: 'tapes', Prefix: 'a/' } },
    ExecutionRoleArn: { 'Fn::GetAtt': ['WatchedBrowserRole', 'Arn'] },
  });
  expect(resources['OpenCodeInterpreter']?.Properties).toMatchObject({
    NetworkConfiguration: { NetworkMode: 'PUBLIC' },
  });
  expect(resources['ReaderRuntime']?.Properties).toMatchObject({
    EnvironmentVariables: { BROWSER: { 'Fn::GetAtt': ['WatchedBrowser', 'BrowserId'] } },
  });
  // a short statement is one of the role, too
  expect(JSON.stringify(resources['ReaderRuntimeRole'])).toContain('arn:aws:s3:::papers/*');
  expect(JSON.stringify(resources['WatchedBrowserRole'])).toContain('arn:aws:s3:::tapes/*');
});

test('tools without a gateway share one, which every agent may call', async () => {
  const { resources, dropped } = await imported(
    `
  tools:
    find: {function: look-up, toolSchema: tools.json}
    ask: {mcp: 'https://example.com/mcp'}
  agents:
    helper: {artifact: {image: '111122223333.dkr.ecr.us-east-1.amazonaws.com/helper:1'}, memory: {expiration: 7}}
`,
    { 'tools.json': '[{"name": "find", "description": "Finds", "inputSchema": {"type": "object"}}]' },
  );
  expect(dropped).toEqual([]);
  expect(resources['FindTool']?.Properties).toMatchObject({
    TargetConfiguration: {
      Mcp: {
        Lambda: {
          LambdaArn: { Ref: 'LookUpAlias' },
          ToolSchema: { InlinePayload: [{ Name: 'find', Description: 'Finds', InputSchema: { Type: 'object' } }] },
        },
      },
    },
  });
  expect(resources['HelperRuntime']?.Properties).toMatchObject({
    EnvironmentVariables: {
      BEDROCK_AGENTCORE_GATEWAY_URL: { 'Fn::GetAtt': ['AgentCoreGateway', 'GatewayUrl'] },
      BEDROCK_AGENTCORE_MEMORY_ID: { 'Fn::GetAtt': ['HelperDashmemoryMemory', 'MemoryId'] },
    },
  });
  const role = JSON.stringify(resources['HelperRuntimeRole']);
  expect(role).toContain('bedrock-agentcore:InvokeGateway');
  expect(role).toContain('HelperDashmemoryMemory');
  expect(JSON.stringify(resources['AgentCoreGatewayRole'])).toContain('LookUpAlias');
});

test('an agent uses the gateway it names, and what no gateway has is reported', async () => {
  const { resources, dropped } = await imported(`
  tools:
    find: {function: look-up, toolSchema: [{name: find, description: Finds, inputSchema: {type: object}}]}
    idle: {mcp: 'https://example.com/mcp'}
  gateways:
    staff: {authorizer: NONE, tools: [find, gone]}
  agents:
    insider: {handler: agent.py, gateway: staff}
    outsider: {artifact: {image: {path: ./agent}}}
`);
  expect(dropped).toEqual([
    'no gateway has the tool "idle"',
    'there is no tool "gone" under ai.tools',
    'fx does not build the agent "insider"',
    'fx does not build the agent "outsider"',
  ]);
  expect(resources['AgentCoreGatewayStaff']?.Properties).toMatchObject({ AuthorizerType: 'NONE' });
  expect(JSON.stringify(resources['InsiderRuntime'])).toContain('AgentCoreGatewayStaff');
  expect(resources['InsiderRuntime']?.Properties).toMatchObject({
    AgentRuntimeArtifact: { CodeConfiguration: { EntryPoint: ['agent.py'], Runtime: 'PYTHON_3_13' } },
  });
  expect(JSON.stringify(resources['OutsiderRuntime'])).not.toContain('AgentCoreGatewayStaff');
});
