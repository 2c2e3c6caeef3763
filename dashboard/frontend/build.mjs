// Bundles the browser's part into dashboard/static/built/: scripts, styles, fonts, one icon sprite.
// Every name carries its content's hash; manifest.json maps the plain names to them.
import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { basename, dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";

import { build } from "esbuild";

import { tabularFigures } from "./figures.mjs";

const here = dirname(fileURLToPath(import.meta.url));
const root = join(here, "..", "..");
const out = join(root, "dashboard", "static", "built");
const icons = join(root, "node_modules", "bootstrap-icons", "icons");

const fonts = join(root, "node_modules", "@fontsource", "be-vietnam-pro", "files");

/** `figures-600.otf` in the styles: tabular digits made from that weight. */
const figures = {
  name: "figures",
  setup(made) {
    made.onResolve({ filter: /^figures-\d+\.otf$/ }, ({ path }) => ({ path, namespace: "figures" }));
    made.onLoad({ filter: /.*/, namespace: "figures" }, ({ path }) => {
      const weight = path.match(/\d+/)[0];
      const file = join(fonts, `be-vietnam-pro-latin-${weight}-normal.woff`);
      return { contents: tabularFigures(file, "Be Vietnam Figures"), loader: "file" };
    });
  },
};

const evals = [
  "eval(str)",
  "Function(conditionalSource)()",
  "new Function('event', code)",
  "Function('event', 'return (' + str + ')').call(elt, event)",
  "Function('return (' + str + ')').call(elt)",
];

/** htmx without what makes code of text: it is switched off (`allowEval`) and forbidden, here it is not there. */
const noEval = {
  name: "no-eval",
  setup(made) {
    made.onLoad({ filter: /htmx\.esm\.js$/ }, ({ path }) => {
      let contents = readFileSync(path, "utf8");
      for (const code of evals) {
        if (!contents.includes(code)) throw new Error(`htmx has changed: no ${code}`);
        contents = contents.replaceAll(code, "undefined");
      }
      return { contents, loader: "js" };
    });
  },
};

rmSync(out, { recursive: true, force: true });
mkdirSync(out, { recursive: true });

const result = await build({
  absWorkingDir: here,
  entryPoints: ["app.ts", "app.css", "field.ts", "field.css"],
  outdir: out,
  entryNames: "[name]-[hash]",
  assetNames: "[name]-[hash]",
  bundle: true,
  splitting: true, // what is imported by import() is loaded by whoever needs it
  chunkNames: "[name]-[hash]",
  minify: true,
  format: "esm",
  target: ["es2022", "chrome111", "firefox114", "safari16.4"],
  loader: { ".woff2": "file" },
  plugins: [figures, noEval],
  nodePaths: [join(root, "node_modules")],
  metafile: true,
  logLevel: "warning",
});

const manifest = {};
for (const [path, made] of Object.entries(result.metafile.outputs)) {
  const file = basename(path);
  const plain = made.entryPoint
    ? basename(made.entryPoint).replace(/\.ts$/, ".js")
    : file.replace(/-[A-Z0-9]{8}(\.\w+)$/, "$1");
  manifest[plain] = file;
}

function symbol(name) {
  const svg = readFileSync(join(icons, `${name}.svg`), "utf8");
  const body = svg.replace(/^[^>]*>/, "").replace(/<\/svg>\s*$/, "").replace(/\n\s*/g, "");
  return `<symbol id="${name}" viewBox="0 0 16 16" fill="currentColor">${body}</symbol>`;
}

const names = readFileSync(join(here, "icons.txt"), "utf8").split(/\s+/).filter(Boolean);
const sprite = `<svg xmlns="http://www.w3.org/2000/svg">${names.map(symbol).join("")}</svg>`;
const hash = createHash("sha256").update(sprite).digest("hex").slice(0, 8).toUpperCase();
manifest["icons.svg"] = `icons-${hash}.svg`;
writeFileSync(join(out, manifest["icons.svg"]), sprite);
writeFileSync(join(out, "manifest.json"), JSON.stringify(manifest, null, 1));

const sizes = readdirSync(out).map((file) => readFileSync(join(out, file)).length);
const total = Math.round(sizes.reduce((a, b) => a + b, 0) / 1024);
console.log(`built ${sizes.length} files, ${total} KB, into ${relative(root, out)}`);
