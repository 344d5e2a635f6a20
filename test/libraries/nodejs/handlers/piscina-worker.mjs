// biome-ignore lint/style/noDefaultExport: piscina calls the default export
export default ({ a, b }) => a + b;
