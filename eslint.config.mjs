// Our own scripts against the oldest browser we promise (`browserslist` in package.json). Its syntax is ES2021, which
// the parser holds; the plugins know what the language and the browser have learnt since.
import js from "@eslint/js";
import compat from "eslint-plugin-compat";
import es from "eslint-plugin-es-x";
import globals from "globals";

// Methods by their name alone: `forEach` of a list would be taken for the one of iterators.
const iterators = Object.keys(es.rules).filter((name) => name.startsWith("no-iterator"));

export default [
  { ignores: ["static/htmx.min.js"] },
  js.configs.recommended,
  compat.configs["flat/recommended"],
  es.configs["flat/restrict-to-es2021"],
  {
    languageOptions: { ecmaVersion: 2021, sourceType: "script", globals: globals.browser },
    settings: { lintAllEsApis: true, "es-x": { aggressive: true } },
    rules: Object.fromEntries(iterators.map((name) => [`es-x/${name}`, "off"])),
  },
];
