// Calls the libraries of a language from deployed functions: `npm run libraries -- python [library…]`; without one, Node.js.
const language = ['nodejs', 'python'].includes(process.argv[2]) ? process.argv.splice(2, 1)[0] : 'nodejs';
await import(`./${language}.mjs`);
