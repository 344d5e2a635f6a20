// The host names under which a request may address this machine.

/** Protects against DNS rebinding: a web page whose name resolves to 127.0.0.1 could otherwise call the local AWS, and so run code. */
export function isLoopbackHost(host: string | undefined): boolean {
  return /^(127\.0\.0\.1|\[::1\]|(.+\.)?localhost)(:\d+)?$/i.test(host ?? '');
}
