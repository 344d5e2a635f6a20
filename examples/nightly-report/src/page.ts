// The report as a page: bars and numbers, without scripts.
export interface Row {
  readonly item: string;
  readonly count: number;
  readonly cents: number;
}

const escaped = (text: string) => text.replace(/[&<>"]/g, (letter) => `&#${letter.charCodeAt(0)};`);
const money = (cents: number) => (cents / 100).toFixed(2);

export function pageOf(day: string, rows: readonly Row[]): string {
  const most = Math.max(1, ...rows.map(({ cents }) => cents));
  const total = rows.reduce((sum, { cents }) => sum + cents, 0);
  const lines = rows.map(
    ({ item, count, cents }) =>
      `<tr><th>${escaped(item)}<td>${count}<td>${money(cents)}<td><i style="width: ${((cents / most) * 100).toFixed(1)}%"></i>`,
  );
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>Sales of ${day}</title>
<style>
  body { font: 16px/1.6 system-ui, sans-serif; max-width: 40rem; margin: 3rem auto; color: #1b2330 }
  table { width: 100%; border-collapse: collapse }
  th, td { padding: .35rem .8rem .35rem 0; border-bottom: 1px solid #e4e8ee }
  th { text-align: left; font-weight: 500 }
  td { text-align: right; font-variant-numeric: tabular-nums }
  td:last-child { width: 45%; padding-right: 0 }
  i { display: block; height: .9rem; border-radius: .2rem; background: #1f5fbf }
</style>
<h1>Sales of ${day}</h1>
<table>
${lines.join('\n')}
</table>
<p>${money(total)} in all.</p>
</html>
`;
}
