// Be Vietnam Pro has no tabular figures: a running clock would shiver. This makes them: a small font of
// its ten digits, each centered on the width of the widest. (SIL Open Font License, no reserved name.)
import { readFileSync } from "node:fs";

import opentype from "opentype.js";

const DIGITS = "0123456789";

/** The bytes of an OpenType font named `family` with tabular digits, drawn from the WOFF file. */
export function tabularFigures(file, family) {
  const bytes = readFileSync(file);
  const source = opentype.parse(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength));
  const drawn = [...DIGITS].map((digit) => source.charToGlyph(digit));
  const width = Math.max(...drawn.map((glyph) => glyph.advanceWidth));
  const blank = new opentype.Glyph({ name: ".notdef", advanceWidth: width, path: new opentype.Path() });
  const glyphs = drawn.map((glyph, index) => {
    const left = (width - glyph.advanceWidth) / 2;
    const path = glyph.getPath(left, 0, source.unitsPerEm);
    for (const command of path.commands) {
      for (const axis of ["y", "y1", "y2"]) if (axis in command) command[axis] = -command[axis];
    }
    return new opentype.Glyph({
      name: `figure${index}`,
      unicode: DIGITS.charCodeAt(index),
      advanceWidth: width,
      path,
    });
  });
  const font = new opentype.Font({
    familyName: family,
    styleName: "Figures",
    unitsPerEm: source.unitsPerEm,
    ascender: source.ascender,
    descender: source.descender,
    glyphs: [blank, ...glyphs],
  });
  return new Uint8Array(font.toArrayBuffer());
}
