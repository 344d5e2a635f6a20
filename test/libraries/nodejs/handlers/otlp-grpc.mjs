import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-grpc';
export const handler = async () => typeof new OTLPTraceExporter({ url: 'http://127.0.0.1:1' }).export;
