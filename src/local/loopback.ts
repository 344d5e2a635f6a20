// Which names a request may call this machine by.

/** A page whose name was made to lead to 127.0.0.1 could otherwise reach what listens here, and so run code, from a browser. */
export function isLoopbackHost(host: string | undefined): boolean {
  return /^(127\.0\.0\.1|\[::1\]|(.+\.)?localhost)(:\d+)?$/i.test(host ?? '');
}
