# Runs a Ruby function against the Runtime API that AWS_LAMBDA_RUNTIME_API names, as Lambda's own client for Ruby does.
# Shipped as it stands, and started by this machine's Ruby.
# https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html, https://docs.aws.amazon.com/lambda/latest/dg/ruby-context.html
# frozen_string_literal: true

require "json"
require "net/http"

$stdout.sync = true

module FxRuntime
  BASE = "/2018-06-01/runtime"
  # Lambda's client hides it from the function too.
  LOG_DESCRIPTOR = ENV.delete("_LAMBDA_TELEMETRY_LOG_FD")
  LOG = LOG_DESCRIPTOR && IO.new(LOG_DESCRIPTOR.to_i, "wb", autoclose: false).tap { |io| io.sync = true }
  JSON_TYPE = "application/json"
  # Others are reported to Lambda by one name: https://github.com/aws/aws-lambda-ruby-runtime-interface-client
  NAMED = %w[ArgumentError NoMethodError Exception StandardError NameError LoadError SystemExit SystemStackError].freeze

  class Context
    attr_reader :aws_request_id, :invoked_function_arn, :log_group_name, :log_stream_name, :function_name,
                :memory_limit_in_mb, :function_version, :identity, :client_context, :deadline_ms

    def initialize(headers)
      @aws_request_id = headers["Lambda-Runtime-Aws-Request-Id"]
      @invoked_function_arn = headers["Lambda-Runtime-Invoked-Function-Arn"]
      @deadline_ms = headers["Lambda-Runtime-Deadline-Ms"].to_i
      @log_group_name = ENV["AWS_LAMBDA_LOG_GROUP_NAME"]
      @log_stream_name = ENV["AWS_LAMBDA_LOG_STREAM_NAME"]
      @function_name = ENV["AWS_LAMBDA_FUNCTION_NAME"]
      @memory_limit_in_mb = ENV["AWS_LAMBDA_FUNCTION_MEMORY_SIZE"]
      @function_version = ENV["AWS_LAMBDA_FUNCTION_VERSION"]
      @identity = parsed(headers["Lambda-Runtime-Cognito-Identity"])
      @client_context = parsed(headers["Lambda-Runtime-Client-Context"])
    end

    def get_remaining_time_in_millis
      [deadline_ms - Process.clock_gettime(Process::CLOCK_REALTIME, :millisecond), 0].max
    end

    private

    def parsed(text)
      JSON.parse(text) if text
    end
  end

  module_function

  def start(handler)
    @http = Net::HTTP.start(*ENV.fetch("AWS_LAMBDA_RUNTIME_API").split(":"), read_timeout: nil, keep_alive_timeout: 1_000_000)
    begin
      call = load_handler(handler)
    rescue Exception => error # rubocop:disable Lint/RescueException
      post_error("init/error", error, "Init", "Init error when loading handler")
      exit!(252)
    end
    loop { answer(call) }
  end

  # `file.method`, or `file.Class.method` for a method of a class or module.
  def load_handler(text)
    file, *scope, method = text.split(".")
    if method.nil? || scope.length > 1
      raise ArgumentError, "Invalid handler [#{text.inspect}], must be of form FILENAME.METHOD or FILENAME.CLASS.METHOD " \
                           "where FILENAME corresponds with an existing Ruby source file FILENAME.rb, CLASS is an optional " \
                           "module/class namespace and METHOD is a callable method. If using CLASS, METHOD must be a class-level method."
    end
    root = ENV.fetch("LAMBDA_TASK_ROOT")
    $LOAD_PATH.unshift(root) unless $LOAD_PATH.include?(root)
    require file
    target = TOPLEVEL_BINDING.receiver
    lambda do |event, context|
      receiver = scope.empty? ? target : Kernel.const_get(scope.first)
      receiver.__send__(method, event: event, context: context)
    end
  end

  def answer(call)
    request = @http.get("#{BASE}/invocation/next")
    id = request["Lambda-Runtime-Aws-Request-Id"]
    ENV["_X_AMZN_TRACE_ID"] = request["Lambda-Runtime-Trace-Id"]
    result = call.call(JSON.parse(request.body), Context.new(request))
    body, type = result.respond_to?(:read) ? [result.read, "application/unknown"] : [JSON.dump(result), JSON_TYPE]
    @http.post("#{BASE}/invocation/#{id}/response", body, { "Content-Type" => type })
  rescue NameError, NotImplementedError, ScriptError, NoMemoryError, SystemExit, SecurityError, SystemStackError => error
    # what Lambda's client takes for a fault of the program: it ends the process
    post_error("invocation/#{id}/error", error, "Function", "Critical exception from handler")
    exit!(1)
  rescue StandardError => error
    post_error("invocation/#{id}/error", error, "Function", "Error raised from handler method")
  end

  def post_error(path, error, kind, message)
    trace = (error.backtrace || []).take_while { |line| !line.start_with?(__FILE__) }.first(100)
    described = { errorMessage: error.message, errorType: "#{kind}<#{error.class}>", stackTrace: trace }
    write_log("#{message}\n#{JSON.pretty_generate(described)}")
    name = NAMED.include?(error.class.to_s) ? described[:errorType] : "Function<UserException>"
    headers = { "Content-Type" => JSON_TYPE, "Lambda-Runtime-Function-Error-Type" => name }
    @http.post("#{BASE}/#{path}", JSON.dump(described), headers)
  end

  # One event, of as many lines as it has.
  def write_log(text)
    return $stdout.write("#{text.tr("\n", "\r")}\n") if LOG.nil?

    data = text.dup.force_encoding(Encoding::BINARY)
    micros = Process.clock_gettime(Process::CLOCK_REALTIME, :microsecond)
    LOG.write([0xA55A0003, data.bytesize, micros].pack("NNQ>") + data)
  end
end

# What `puts` writes at once is one event, as on AWS.
module Kernel
  def puts(*values)
    FxRuntime.write_log(values.empty? ? "" : values.flatten.map(&:to_s).join("\n"))
    nil
  end
end

FxRuntime.start(ENV.fetch("_HANDLER"))
