// Calls the libraries of a language's table from deployed functions: `npm run libraries -- python [library…]`.
const [language = 'nodejs'] = process.argv.splice(2, 1);
await import(`./${language}.mjs`);
