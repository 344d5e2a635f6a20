// biome-ignore lint/style/noDefaultExport: the plugin loads the default export
export default async (app) => {
  app.get('/hi', async () => 'auto');
};
