// Our style sheets against the oldest browser we promise (`browserslist` in package.json). What is newer stands inside
// `@supports`, after a rule that does without; the plugin looks at nothing in there.
const plainer = [
  // Without these a page only looks plainer: a colour, a line break, the corner of a focus ring.
  "properties.accent-color", "properties.outline", "properties.text-wrap",
  "properties.text-decoration-thickness",
  // A question a browser does not know is answered with no: day colours, our own colours.
  "at-rules.media.prefers-color-scheme", "at-rules.media.prefers-contrast", "at-rules.media.forced-colors", "properties.forced-color-adjust",
  // A rule of its own for another family of browsers.
  "selectors.-moz-progress-bar",
];

export default {
  plugins: ["stylelint-browser-compat"],
  rules: {
    "plugin/browser-compat": [true, { allow: { features: plainer } }],
    "max-nesting-depth": 0,
    // Of functions the plugin knows some; these are as old as they must be.
    "function-allowed-list": ["calc", "clamp", "linear-gradient", "max", "min", "minmax", "repeat", "rgb", "scale",
      "translate", "translateX", "translateY", "rotate", "var", "inset", "env", "url"],
    "property-no-unknown": true,
    "unit-no-unknown": true,
    "color-no-invalid-hex": true,
    "declaration-block-no-duplicate-properties": [true, { ignore: ["consecutive-duplicates-with-different-values"] }],
    "no-invalid-double-slash-comments": true,
    "block-no-empty": true,
  },
};
