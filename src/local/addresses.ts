// Where the hosts of AWS answer on this machine: a template, a function or an output that makes the address of an API by its id gets
// one that works.

const plainPort = 80;
const tlsPort = 443;

/** The loopback addresses (`127.0.0.1:<port>`) of a region's APIs, by their host names on AWS. */
export class Addresses {
  readonly #byHost = new Map<string, string>();

  /** `at` is the port on AWS. */
  set(host: string, port: number, at = tlsPort): void {
    this.#byHost.set(`${host.toLowerCase()}:${at}`, `127.0.0.1:${port}`);
  }

  delete(host: string, at = tlsPort): void {
    this.#byHost.delete(`${host.toLowerCase()}:${at}`);
  }

  /** The value with each address of a known host and port replaced. Nothing here has TLS. */
  localized<T>(value: T): T {
    if (typeof value === 'string') return this.#localizedText(value) as T;
    if (Array.isArray(value)) return value.map((item) => this.localized(item)) as T;
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, this.localized(item)])) as T;
  }

  #localizedText(text: string): string {
    return text.replace(
      /\b(http|ws)(s?):\/\/([a-z0-9-]+(?:\.[a-z0-9-]+)+)(?::(\d+))?/gi,
      (whole, scheme: string, tls: string, host: string, port?: string) => {
        const at = port ?? (tls === '' ? plainPort : tlsPort);
        const address = this.#byHost.get(`${host.toLowerCase()}:${at}`);
        return address === undefined ? whole : `${scheme}://${address}`;
      },
    );
  }
}

/** The host of an API on AWS. */
export const apiHost = (apiId: string, region: string): string => `${apiId}.execute-api.${region}.amazonaws.com`;
