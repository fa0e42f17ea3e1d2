// Prints the size of each file of dist/ (given as the argument), plain and compressed, and of the first load.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { brotliCompressSync, gzipSync } from "node:zlib";
import { comesLater } from "./app.mjs";

const dist = process.argv[2];
const files = readdirSync(dist, { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile())
  .map((entry) => join(entry.parentPath ?? entry.path, entry.name));
const isLater = comesLater(readFileSync(join(dist, "index.html"), "utf8"));
const row = (cells) => console.log(cells.map((cell, i) => (i ? String(cell).padStart(10) : cell.padEnd(48))).join(""));

row(["file", "bytes", "gzip", "brotli"]);
const [first, all] = [[0, 0, 0], [0, 0, 0]];
for (const file of files.sort()) {
  const data = readFileSync(file);
  const sizes = [data.length, gzipSync(data, { level: 9 }).length, brotliCompressSync(data).length];
  sizes.forEach((size, i) => ((all[i] += size), isLater(file) || (first[i] += size)));
  row([file.slice(dist.length + 1), ...sizes]);
}
// The page asks for every other file of dist/ when it starts.
row(["first load (all but what comes later)", ...first]);
row(["all", ...all]);
