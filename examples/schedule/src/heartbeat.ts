// Checks whether a site is up.
const patienceMs = 5_000;

export async function handler() {
  const site = process.env['SITE'] ?? '';
  const began = performance.now();
  const { status } = await fetch(site, { signal: AbortSignal.timeout(patienceMs) });
  const ms = Math.round(performance.now() - began);
  if (status >= 400) throw new Error(`${site} answers ${status}`);
  console.log(`${site} answers ${status} in ${ms} ms`);
  return { site, status, ms };
}
