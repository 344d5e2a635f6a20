// The code of a new function: the least that answers and can be built on, in each language.
import { posix } from 'node:path';
import type { Language } from './languages.ts';

export interface NewHandler {
  /** Of the function in project.yml. */
  readonly settings: Readonly<Record<string, string>>;
  /** By path, relative to the project. */
  readonly files: Readonly<Record<string, string>>;
}

export interface HandlerRequest {
  readonly name: string;
  /** Where the project has its other handlers in this language; for Go and Rust, its other programs. */
  readonly folder: string;
  /** The kinds of its events, such as http. */
  readonly kinds: readonly string[];
  /** Whether the project has @types/aws-lambda. */
  readonly hasTypes: boolean;
  /** The package of the project's other classes. */
  readonly package: string;
}

/** Names in @types/aws-lambda. */
const handlerTypes: Readonly<Record<string, string>> = {
  alb: 'ALBHandler',
  dynamodb: 'DynamoDBStreamHandler',
  eventbridge: 'EventBridgeHandler<string, unknown, void>',
  http: 'APIGatewayProxyHandlerV2',
  kinesis: 'KinesisStreamHandler',
  logs: 'CloudWatchLogsHandler',
  rest: 'APIGatewayProxyHandler',
  s3: 'S3Handler',
  sns: 'SNSHandler',
  sqs: 'SQSHandler',
  websocket: 'APIGatewayProxyWebsocketHandlerV2',
};

const answering = ['alb', 'http', 'rest', 'websocket'];

/** Undefined for a language in which fx writes no code of a function. */
export function newHandler(language: Language, request: HandlerRequest): NewHandler | undefined {
  const { name, folder, kinds } = request;
  const answers = kinds.some((kind) => answering.includes(kind));
  const script = (file: string, ending: string, code: string): NewHandler => {
    const path = posix.join(folder, file);
    return { settings: { handler: `${path}.handler` }, files: { [`${path}${ending}`]: code } };
  };
  switch (language) {
    case 'typescript':
      return script(name, '.ts', typescript(request, answers));
    case 'javascript':
      return script(
        name,
        '.js',
        `export const handler = async (event) => {\n  console.log('${name}', JSON.stringify(event));\n${answers ? `  return { statusCode: 200, body: JSON.stringify({ from: '${name}' }) };\n` : ''}};\n`,
      );
    case 'python':
      return script(
        name.replaceAll('-', '_'),
        '.py',
        `import json\n\n\ndef handler(event, context):\n    print("${name}", json.dumps(event))\n${answers ? `    return {"statusCode": 200, "body": json.dumps({"from": "${name}"})}\n` : ''}`,
      );
    case 'ruby':
      return script(
        name.replaceAll('-', '_'),
        '.rb',
        `require "json"\n\ndef handler(event:, context:)\n  puts "${name} #{event.to_json}"\n${answers ? `  { statusCode: 200, body: { from: "${name}" }.to_json }\n` : ''}end\n`,
      );
    case 'go':
      return program(posix.join(folder, name), { 'main.go': go(name, answers) });
    case 'rust':
      return program(posix.join(folder, name), rust(name, answers));
    case 'java':
      return jvm(request, 'java', java(request, answers));
    case 'kotlin':
      return jvm(request, 'kt', kotlin(request, answers));
    default:
      return undefined;
  }
}

function program(source: string, files: Readonly<Record<string, string>>): NewHandler {
  const inside = Object.entries(files).map(([path, text]) => [posix.join(source, path), text]);
  return { settings: { source }, files: Object.fromEntries(inside) };
}

function typescript({ name, kinds, hasTypes }: HandlerRequest, answers: boolean): string {
  const [kind, other] = [...new Set(kinds)];
  const type = hasTypes && other === undefined && kind !== undefined ? handlerTypes[kind] : undefined;
  const imported = type === undefined ? '' : `import type { ${type.replace(/<.*/, '')} } from 'aws-lambda';\n\n`;
  const signature = type === undefined ? 'handler = async (event: unknown)' : `handler: ${type} = async (event)`;
  const answer = answers ? `  return { statusCode: 200, body: JSON.stringify({ from: '${name}' }) };\n` : '';
  return `${imported}export const ${signature} => {\n  console.log('${name}', JSON.stringify(event));\n${answer}};\n`;
}

function go(name: string, answers: boolean): string {
  const answer = answers ? `map[string]any{"statusCode": 200, "body": "{\\"from\\":\\"${name}\\"}"}` : 'nil';
  return `package main

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/aws/aws-lambda-go/lambda"
)

func handle(_ context.Context, event json.RawMessage) (any, error) {
	fmt.Println("${name}", string(event))
	return ${answer}, nil
}

func main() {
	lambda.Start(handle)
}
`;
}

function rust(name: string, answers: boolean): Readonly<Record<string, string>> {
  const answer = answers
    ? `json!({ "statusCode": 200, "body": json!({ "from": "${name}" }).to_string() })`
    : 'json!(null)';
  return {
    'Cargo.toml': `[package]
name = "${name}"
version = "0.1.0"
edition = "2021"

[dependencies]
lambda_runtime = { version = "1.5", default-features = false }
serde_json = "1"
tokio = { version = "1", features = ["macros", "rt"] }
`,
    'src/main.rs': `use lambda_runtime::{run, service_fn, Error, LambdaEvent};
use serde_json::{json, Value};

async fn handle(event: LambdaEvent<Value>) -> Result<Value, Error> {
    println!("${name} {}", event.payload);
    Ok(${answer})
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    run(service_fn(handle)).await
}
`,
  };
}

const className = (name: string) =>
  name.replace(/(?:^|[-_])([A-Za-z0-9])/g, (_, letter: string) => letter.toUpperCase());

function jvm(request: HandlerRequest, ending: 'java' | 'kt', code: string): NewHandler {
  const name = className(request.name);
  const folder = ending === 'kt' ? 'src/main/kotlin' : 'src/main/java';
  const path = posix.join(folder, request.package.replaceAll('.', '/'), `${name}.${ending}`);
  return { settings: { handler: `${request.package}.${name}::handleRequest` }, files: { [path]: code } };
}

function java({ name, package: own }: HandlerRequest, answers: boolean): string {
  const answer = answers ? `Map.of("statusCode", 200, "body", "{\\"from\\":\\"${name}\\"}")` : 'null';
  return `package ${own};

import com.amazonaws.services.lambda.runtime.Context;
import com.amazonaws.services.lambda.runtime.RequestHandler;
import java.util.Map;

public class ${className(name)} implements RequestHandler<Map<String, Object>, Map<String, Object>> {
    @Override
    public Map<String, Object> handleRequest(Map<String, Object> event, Context context) {
        System.out.println("${name} " + event);
        return ${answer};
    }
}
`;
}

function kotlin({ name, package: own }: HandlerRequest, answers: boolean): string {
  const answer = answers ? `mapOf("statusCode" to 200, "body" to "{\\"from\\":\\"${name}\\"}")` : 'null';
  return `package ${own}

import com.amazonaws.services.lambda.runtime.Context
import com.amazonaws.services.lambda.runtime.RequestHandler

class ${className(name)} : RequestHandler<Map<String, Any>, Map<String, Any>?> {
    override fun handleRequest(event: Map<String, Any>, context: Context): Map<String, Any>? {
        println("${name} $event")
        return ${answer}
    }
}
`;
}
