// Runs a Node.js function against the Runtime API that AWS_LAMBDA_RUNTIME_API names, as Lambda's own client for Node.js does.
// Plain JavaScript: it is shipped unchanged and started by the Node that runs the local AWS.
// https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html
import dns from 'node:dns';
import { existsSync, readFileSync, statSync, writeSync } from 'node:fs';
import http from 'node:http';
import { createRequire } from 'node:module';
import { connect } from 'node:net';
import { dirname, join, resolve } from 'node:path';
import { PassThrough } from 'node:stream';
import { pathToFileURL } from 'node:url';
import { format } from 'node:util';

const env = process.env;
const nodeMajor = Number(/nodejs(\d+)/.exec(env.AWS_EXECUTION_ENV ?? '')?.[1] ?? 0);
const isJson = env.AWS_LAMBDA_LOG_FORMAT === 'JSON';
const logLevels = ['TRACE', 'DEBUG', 'INFO', 'WARN', 'ERROR', 'FATAL'];
const isLogged = (level) => logLevels.indexOf(level) >= logLevels.indexOf(env.AWS_LAMBDA_LOG_LEVEL ?? 'TRACE');
const logDescriptor = Number(env._LAMBDA_TELEMETRY_LOG_FD);
// Lambda's client hides it from the function too.
delete env._LAMBDA_TELEMETRY_LOG_FD;
const [host, port] = env.AWS_LAMBDA_RUNTIME_API.split(':');
const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });

// The SDK puts a prefix of some operations before the host of the endpoint, such as `sync-127.0.0.1`, which no resolver knows.
// https://smithy.io/2.0/spec/endpoint-traits.html#smithy-api-endpoint-trait
const { lookup } = dns;
dns.lookup = (name, ...rest) => lookup(name.endsWith('-127.0.0.1') ? '127.0.0.1' : name, ...rest);

/** The request that is being handled; undefined before the first and between two. */
let requestId;
/** Called when nothing is left in the event loop while a handler has not answered. */
let onEmptyLoop;

// ---- Runtime API

/** `trailers`: those of a body that is a stream, once it has ended. */
function call(method, path, headers, body, trailers = () => ({})) {
  return new Promise((done, fail) => {
    const request = http.request(
      { host, port, agent, method, path: `/2018-06-01/runtime/${path}`, headers },
      (response) => {
        const chunks = [];
        response.on('data', (chunk) => chunks.push(chunk));
        response.on('end', () =>
          done({ status: response.statusCode, headers: response.headers, body: Buffer.concat(chunks) }),
        );
        response.on('error', fail);
      },
    );
    request.on('error', fail);
    if (typeof body?.pipe !== 'function') return request.end(body);
    body.pipe(request, { end: false });
    body.once('end', () => {
      request.addTrailers(trailers());
      request.end();
    });
  });
}

const postJson = (path, value, headers = {}) =>
  call('POST', path, { 'content-type': 'application/json', ...headers }, value);

const errorType = (error) => String(error?.name ?? 'Error').replace(/[^\x20-\x7e]/g, '?');

const postError = (path, error) =>
  postJson(path, JSON.stringify(describeError(error)), { 'lambda-runtime-function-error-type': errorType(error) });

// ---- The connection for invocations. The header on an answer asks the local AWS to respond to it with the next invocation, which
// saves a round trip. The socket keeps the process alive only while it waits, so that a handler which leaves nothing in the event
// loop is noticed.

class Invocations {
  #socket = connect({ host, port: Number(port), noDelay: true });
  #chunks = [];
  #size = 0;
  /** How many bytes are needed before it is worth another look. */
  #needed = 1;
  #waiting;

  constructor() {
    this.#socket.on('data', (chunk) => this.#take(chunk));
    const gone = () => this.#waiting?.fail(new Error('the Runtime API has gone'));
    this.#socket.once('error', gone);
    this.#socket.once('close', gone);
    this.#socket.unref();
  }

  next() {
    return this.#ask(`GET /2018-06-01/runtime/invocation/next HTTP/1.1\r\nhost: ${host}\r\n\r\n`);
  }

  async answer(id, body) {
    const head = [
      `POST /2018-06-01/runtime/invocation/${id}/response HTTP/1.1`,
      `host: ${host}`,
      'content-type: application/json',
      `content-length: ${Buffer.byteLength(body)}`,
      'fx-runtime-next: true',
    ];
    const { status, ...invocation } = await this.#ask(`${head.join('\r\n')}\r\n\r\n${body}`);
    // an answer that was refused, such as one that is too large
    return status === 200 ? invocation : this.next();
  }

  #ask(request) {
    this.#socket.ref();
    this.#socket.write(request);
    return new Promise((done, fail) => {
      this.#waiting = { done, fail };
    });
  }

  #take(chunk) {
    this.#chunks.push(chunk);
    this.#size += chunk.length;
    if (this.#size < this.#needed) return;
    const bytes = this.#chunks.length === 1 ? this.#chunks[0] : Buffer.concat(this.#chunks);
    const end = bytes.indexOf('\r\n\r\n');
    const head = bytes.latin1Slice(0, Math.max(0, end));
    const whole = end + 4 + Number(/\r\ncontent-length: (\d+)/i.exec(head)?.[1] ?? 0);
    if (end < 0 || bytes.length < whole) {
      this.#chunks = [bytes];
      this.#needed = end < 0 ? bytes.length + 1 : whole;
      return;
    }
    this.#chunks = [];
    this.#size = 0;
    this.#needed = 1;
    this.#socket.unref();
    const [first, ...lines] = head.split('\r\n');
    const headers = lines.map((line) => [
      line.slice(0, line.indexOf(':')).toLowerCase(),
      line.slice(line.indexOf(':') + 2),
    ]);
    this.#waiting.done({
      status: Number(first.split(' ')[1]),
      headers: Object.fromEntries(headers),
      body: bytes.subarray(end + 4),
    });
  }
}

const invocations = new Invocations();

// ---- Errors

class RuntimeError extends Error {
  constructor(name, message) {
    super(message);
    this.name = `Runtime.${name}`;
  }
}

function isError(value) {
  return value instanceof Error || Object.prototype.toString.call(value) === '[object Error]';
}

function describeError(error) {
  if (!isError(error)) return { errorType: typeof error, errorMessage: String(error), trace: [] };
  return { errorType: error.name, errorMessage: error.message, trace: (error.stack ?? '').split('\n') };
}

/** As Lambda's client logs an error: its own properties too, and the stack in lines. */
function errorJson(error) {
  if (!isError(error)) return JSON.stringify(describeError(error));
  const { name, message, stack, ...own } = Object.fromEntries(Object.entries(error));
  const text = { errorType: error.name, errorMessage: error.message, ...own, stack: (error.stack ?? '').split('\n') };
  try {
    return JSON.stringify(text);
  } catch {
    // A property that refers to itself can't be written.
    return JSON.stringify({ errorType: error.name, errorMessage: error.message, stack: text.stack });
  }
}

const logError = (what, error) => {
  if (!isJson) log('ERROR', `${what} \t${errorJson(error)}`);
  else if (isLogged('ERROR')) log('ERROR', isError(error) ? error : new Error(String(error)));
};

// ---- Logs

function writeAll(descriptor, bytes) {
  for (let at = 0; at < bytes.length; ) {
    try {
      at += writeSync(descriptor, bytes, at);
    } catch (error) {
      // The pipe is full and not blocking: the reader is another process, so trying again makes progress.
      if (error.code !== 'EAGAIN') throw error;
    }
  }
}

/** Errors within a logged value show what an error has, which JSON would leave out. */
function withErrors(_, value) {
  if (!(value instanceof Error)) return value;
  const stackTrace = typeof value.stack === 'string' ? value.stack.split('\n') : value.stack;
  return { errorType: value.constructor?.name ?? 'UnknownError', errorMessage: value.message, stackTrace, ...value };
}

// https://docs.aws.amazon.com/lambda/latest/dg/nodejs-logging.html#nodejs-logging-advanced-JSON
function jsonLine(time, level, values) {
  const line = { timestamp: time, level, requestId };
  if (values.length === 1) {
    try {
      return JSON.stringify({ ...line, message: values[0] }, withErrors);
    } catch {
      // What refers to itself can't be written as JSON.
    }
  }
  const error = values.length > 1 ? values.find((value) => value instanceof Error) : undefined;
  const shown = error === undefined ? {} : withErrors('', error);
  const { errorType, errorMessage, stackTrace } = shown;
  return JSON.stringify({ ...line, message: format(...values), errorType, errorMessage, stackTrace });
}

function log(level, ...values) {
  const now = new Date();
  const time = now.toISOString();
  const line = isJson ? jsonLine(time, level, values) : `${time}\t${requestId}\t${level}\t${format(...values)}`;
  if (Number.isNaN(logDescriptor)) {
    writeAll(1, Buffer.from(`${line.replaceAll('\n', '\r')}\n`));
    return;
  }
  const message = Buffer.from(isJson ? line : `${line}\n`);
  const header = Buffer.alloc(16);
  header.writeUInt32BE(isJson ? 0xa55a0002 : 0xa55a0003, 0);
  header.writeUInt32BE(message.length, 4);
  header.writeBigInt64BE(BigInt(now.getTime()) * 1000n, 8);
  writeAll(logDescriptor, Buffer.concat([header, message]));
}

for (const [method, level] of [
  ['log', 'INFO'],
  ['info', 'INFO'],
  ['debug', 'DEBUG'],
  ['warn', 'WARN'],
  ['error', 'ERROR'],
  ['fatal', 'FATAL'],
]) {
  console[method] = isLogged(level) ? (...values) => log(level, ...values) : () => {};
}
console.trace = (...values) => {
  if (!isLogged('TRACE')) return;
  if (isJson) {
    log('TRACE', ...values);
    return;
  }
  const at = new Error(format(...values));
  at.name = 'Trace';
  Error.captureStackTrace(at, console.trace);
  log('TRACE', at.stack);
};

// ---- Response streaming

const streaming = Symbol.for('aws.lambda.runtime.handler.streaming');

globalThis.awslambda = {
  streamifyResponse(handler, options) {
    handler[streaming] = 'response';
    if (options?.highWaterMark !== undefined)
      handler[Symbol.for('aws.lambda.runtime.handler.streaming.highWaterMark')] = options.highWaterMark;
    return handler;
  },
  HttpResponseStream: {
    /** Puts the metadata before the body, parted from it by eight zero bytes. */
    from(stream, metadata) {
      stream.setContentType('application/vnd.awslambda.http-integration-response');
      stream.write(JSON.stringify(metadata));
      stream.write(Buffer.alloc(8));
      return stream;
    },
  },
};

async function runStreaming(handler, event, context) {
  const stream = new PassThrough();
  let contentType = 'application/octet-stream';
  let sent;
  let trailers = {};
  stream.setContentType = (type) => {
    if (sent !== undefined) throw new RuntimeError('InvalidStreamingOperation', 'Cannot set content-type, too late.');
    contentType = type;
  };
  // The content type is fixed by the first byte, so the request begins with it.
  const send = () => {
    sent ??= call(
      'POST',
      `invocation/${requestId}/response`,
      {
        'content-type': contentType,
        'lambda-runtime-function-response-mode': 'streaming',
        'transfer-encoding': 'chunked',
        trailer: 'Lambda-Runtime-Function-Error-Type, Lambda-Runtime-Function-Error-Body',
      },
      stream,
      () => trailers,
    );
  };
  for (const name of ['write', 'end']) {
    const original = stream[name].bind(stream);
    stream[name] = (...values) => {
      const result = original(...values);
      send();
      return result;
    };
  }
  try {
    await handler(event, stream, context);
  } catch (error) {
    // before the first byte, the error is the answer
    if (sent === undefined) throw error;
    logError('Invoke Error', error);
    // https://docs.aws.amazon.com/lambda/latest/dg/runtimes-custom.html#runtimes-custom-response-streaming
    trailers = {
      'Lambda-Runtime-Function-Error-Type': errorType(error),
      'Lambda-Runtime-Function-Error-Body': Buffer.from(JSON.stringify(describeError(error))).toString('base64'),
    };
  }
  if (!stream.writableEnded) stream.end();
  await sent;
}

// ---- The handler

function hasModuleType(file) {
  for (let folder = dirname(file); ; folder = dirname(folder)) {
    const manifest = join(folder, 'package.json');
    if (existsSync(manifest)) return JSON.parse(readFileSync(manifest, 'utf8')).type === 'module';
    if (folder === dirname(folder)) return false;
  }
}

const isFile = (path) => existsSync(path) && statSync(path).isFile();

async function loadModule(root, path) {
  const base = resolve(root, path);
  const require = createRequire(join(root, 'bootstrap.js'));
  if (isFile(base)) return require(base);
  if (isFile(`${base}.js`))
    return hasModuleType(`${base}.js`) ? import(pathToFileURL(`${base}.js`).href) : require(`${base}.js`);
  if (isFile(`${base}.mjs`)) return import(pathToFileURL(`${base}.mjs`).href);
  if (isFile(`${base}.cjs`)) return require(`${base}.cjs`);
  // A module of NODE_PATH or node_modules, and the usual error where there is none.
  return require(require.resolve(path, { paths: [root, resolve(root, dirname(path))] }));
}

async function loadHandler(root, handlerText) {
  if (handlerText.includes('..')) {
    throw new RuntimeError(
      'MalformedHandlerName',
      `'${handlerText}' is not a valid handler name. Use absolute paths when specifying root directories in handler names.`,
    );
  }
  const slash = handlerText.lastIndexOf('/') + 1;
  const [, file, names] = /^([^.]*)\.(.*)$/.exec(handlerText.slice(slash)) ?? [];
  if (!file || !names) throw new RuntimeError('MalformedHandlerName', 'Bad handler');
  const path = handlerText.slice(0, slash) + file;
  let loaded;
  try {
    loaded = await loadModule(root, path);
  } catch (error) {
    if (error instanceof SyntaxError) throw new RuntimeError('UserCodeSyntaxError', String(error));
    if (['MODULE_NOT_FOUND', 'ERR_MODULE_NOT_FOUND'].includes(error?.code))
      throw new RuntimeError('ImportModuleError', String(error));
    throw error;
  }
  const find = (from) => names.split('.').reduce((value, name) => value?.[name], from);
  // A CommonJS module imported from an ES module shows its exports as the default one.
  const handler = find(loaded) ?? find(loaded?.default);
  if (handler === undefined) throw new RuntimeError('HandlerNotFound', `${handlerText} is undefined or not exported`);
  if (typeof handler !== 'function') throw new RuntimeError('HandlerNotFound', `${handlerText} is not a function`);
  if (nodeMajor >= 24 && handler[streaming] === undefined && handler.length >= 3) {
    throw new RuntimeError(
      'CallbackHandlerDeprecated',
      'AWS Lambda has removed support for callback-based function handlers starting with Node.js 24: the handler may take (event, context) only',
    );
  }
  return handler;
}

function readContext(headers) {
  const deadline = Number(headers['lambda-runtime-deadline-ms']);
  const parse = (text) => (text === undefined ? undefined : JSON.parse(text));
  return {
    callbackWaitsForEmptyEventLoop: true,
    functionVersion: env.AWS_LAMBDA_FUNCTION_VERSION,
    functionName: env.AWS_LAMBDA_FUNCTION_NAME,
    memoryLimitInMB: env.AWS_LAMBDA_FUNCTION_MEMORY_SIZE,
    logGroupName: env.AWS_LAMBDA_LOG_GROUP_NAME,
    logStreamName: env.AWS_LAMBDA_LOG_STREAM_NAME,
    clientContext: parse(headers['lambda-runtime-client-context']),
    identity: parse(headers['lambda-runtime-cognito-identity']),
    invokedFunctionArn: headers['lambda-runtime-invoked-function-arn'],
    awsRequestId: headers['lambda-runtime-aws-request-id'],
    getRemainingTimeInMillis: () => deadline - Date.now(),
  };
}

/** Resolves to what the handler answers, by promise, by callback, or by leaving the event loop empty. */
function runBuffered(handler, event, context) {
  return new Promise((done, fail) => {
    let isAsync = false;
    // A result by callback waits for the event loop to run empty, unless the context says otherwise.
    const callback = (error, result) => {
      const finish = () => (error === undefined || error === null ? done(result) : fail(error));
      if (error !== undefined && error !== null) finish();
      else if (context.callbackWaitsForEmptyEventLoop) onEmptyLoop = finish;
      else finish();
    };
    onEmptyLoop = () => {
      if (isAsync)
        fail(
          new RuntimeError(
            'NodeJsExit',
            'The Node.js process exited prematurely because of a Promise that was never settled',
          ),
        );
      else done(undefined);
    };
    if (nodeMajor < 24) {
      context.done = callback;
      context.succeed = (result) => callback(null, result);
      context.fail = (error) => callback(error ?? 'handled');
    }
    const result = nodeMajor < 24 ? handler(event, context, callback) : handler(event, context);
    if (typeof result?.then === 'function') {
      isAsync = true;
      result.then(done, fail);
    } else if (nodeMajor >= 24 || (handler.length < 3 && result !== undefined)) done(result);
  });
}

function stringify(result) {
  try {
    return JSON.stringify(result === undefined ? null : result) ?? 'null';
  } catch {
    throw new RuntimeError('JSONStringifyError', 'Unable to stringify response body');
  }
}

/** Resolves to the next invocation. */
async function handleOne(handler, { headers, body }) {
  requestId = headers['lambda-runtime-aws-request-id'];
  env._X_AMZN_TRACE_ID = headers['lambda-runtime-trace-id'];
  try {
    const context = readContext(headers);
    const event = JSON.parse(body.toString('utf8'));
    if (handler[streaming] !== undefined) await runStreaming(handler, event, context);
    else {
      const answer = stringify(await runBuffered(handler, event, context));
      onEmptyLoop = undefined;
      return invocations.answer(requestId, answer);
    }
  } catch (error) {
    onEmptyLoop = undefined;
    logError('Invoke Error', error);
    await postError(`invocation/${requestId}/error`, error);
    if (error?.name === 'Runtime.NodeJsExit') process.exit(1);
  }
  return invocations.next();
}

async function end(what, name, error, code) {
  logError(
    what,
    name === undefined ? error : Object.assign(new RuntimeError(name, String(error)), { reason: describeError(error) }),
  );
  const reported = name === undefined ? error : new RuntimeError(name, String(error));
  try {
    await postError(requestId === undefined ? 'init/error' : `invocation/${requestId}/error`, reported);
  } finally {
    process.exit(code);
  }
}

process.on('beforeExit', () => onEmptyLoop?.());
process.on('uncaughtException', (error) => void end('Uncaught Exception', undefined, error, 129));
process.on(
  'unhandledRejection',
  (reason) => void end('Unhandled Promise Rejection', 'UnhandledPromiseRejection', reason, 128),
);

async function main() {
  let handler;
  try {
    handler = await loadHandler(env.LAMBDA_TASK_ROOT, env._HANDLER);
  } catch (error) {
    logError('Uncaught Exception', error);
    await postError('init/error', error);
    process.exit(1);
  }
  let invocation = await invocations.next();
  for (;;) invocation = await handleOne(handler, invocation);
}

// The Runtime API has gone: so has the local AWS.
main().catch(() => process.exit(1));
