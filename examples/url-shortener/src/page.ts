// The page: one text field, and the links that this visitor made.
const page = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Short links</title>
<style>
  body { font: 16px/1.5 system-ui, sans-serif; max-width: 40rem; margin: 4rem auto; padding: 0 1rem; color: #1b2330 }
  h1 { font-size: 1.6rem }
  form { display: flex; gap: .5rem }
  input { flex: 1; font: inherit; padding: .5rem .7rem; border: 1px solid #b8c0cc; border-radius: .4rem }
  button { font: inherit; padding: .5rem 1.1rem; border: 0; border-radius: .4rem; background: #1f5fbf; color: #fff }
  li { margin: .6rem 0 }
  small { color: #667; display: block; overflow-wrap: anywhere }
</style>
<h1>Short links</h1>
<form><input name="url" type="url" required placeholder="https://…" aria-label="A long address"><button>Shorten</button></form>
<ul></ul>
<script>
  const [form] = document.forms;
  const list = document.querySelector('ul');
  form.addEventListener('submit', async (event) => {
    event.preventDefault();
    const body = JSON.stringify({ url: form.url.value });
    const response = await fetch('links', { method: 'POST', body });
    const { code, url, error } = await response.json();
    const item = document.createElement('li');
    if (error) item.textContent = error;
    else {
      const link = item.appendChild(document.createElement('a'));
      link.href = code;
      link.textContent = new URL(code, location.href).href;
      item.appendChild(document.createElement('small')).textContent = url;
    }
    list.prepend(item);
    form.reset();
  });
</script>
</html>
`;

export const handler = async () => ({
  statusCode: 200,
  headers: { 'content-type': 'text/html; charset=utf-8' },
  body: page,
});
