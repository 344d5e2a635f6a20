// Connections to the database: through the proxy, with a token of the function's role, or to DATABASE_URL.
import { Signer } from '@aws-sdk/rds-signer';
import { Pool } from 'pg';

/** Undefined for `memory`: there is no database. */
export function openDatabase(): Pool | undefined {
  const { DATABASE_URL, DATABASE: host = '', REGION: region = '' } = process.env;
  if (DATABASE_URL === 'memory') return undefined;
  // a function answers one request at a time, so one connection is enough
  if (DATABASE_URL !== undefined) return new Pool({ connectionString: DATABASE_URL, max: 1 });
  const signer = new Signer({ hostname: host, port: 5432, username: 'app', region });
  return new Pool({
    host,
    database: 'app',
    user: 'app',
    // a token is valid for 15 minutes, to begin a connection with
    password: () => signer.getAuthToken(),
    // the proxy's certificate is Amazon's, which Node.js knows:
    // https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/rds-proxy.howitworks.html
    ssl: true,
    max: 1,
  });
}
