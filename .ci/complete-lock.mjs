// Adds to package-lock.json the optional platform packages that the registry in use did not offer when it was written.
// `npm install` leaves out what it can't fetch, and `npm ci` then refuses the lock. An entry without a hash is enough:
// npm skips it by its os and cpu, and fetches it by its exact version where it fits. Run it after `npm install`.
import { readFileSync, writeFileSync } from "node:fs";

const platforms = [
  "aix",
  "android",
  "darwin",
  "freebsd",
  "linux",
  "openharmony",
  "openbsd",
  "netbsd",
  "sunos",
  "win32",
];
const processors = ["arm64", "arm", "ia32", "loong64", "ppc64", "riscv64", "s390x", "x64", "wasm32"];

const file = new URL("../package-lock.json", import.meta.url);
const lock = JSON.parse(readFileSync(file, "utf8"));

/** A lock entry for `name` at `version`, or undefined when its name tells no platform. */
function entryOf(name, version, dev) {
  const words = name.split(/[^a-z0-9]+/);
  const os = platforms.find((platform) => words.includes(platform));
  const cpu = processors.find((processor) =>
    words.some((word) => word === processor || (processor === "arm" && word.startsWith("arm") && word !== "arm64")),
  );
  if (!os || !cpu) return undefined;
  const libc = os !== "linux" ? undefined : words.some((word) => word.startsWith("musl")) ? "musl" : "glibc";
  return { version, cpu: [cpu], ...(dev && { dev }), ...(libc && { libc: [libc] }), optional: true, os: [os] };
}

const isInstalledFor = (path, name) =>
  lock.packages[`${path}/node_modules/${name}`] ?? lock.packages[`node_modules/${name}`];

for (const [path, owner] of Object.entries(lock.packages)) {
  for (const [name, version] of Object.entries(owner.optionalDependencies ?? {})) {
    if (isInstalledFor(path, name) || !/^\d/.test(version)) continue;
    const entry = entryOf(name, version, owner.dev);
    if (!entry) continue;
    lock.packages[`node_modules/${name}`] = entry;
    process.stdout.write(`${name}@${version}\n`);
  }
}

const sorted = Object.entries(lock.packages).sort(([a], [b]) => (a < b ? -1 : 1));
writeFileSync(file, `${JSON.stringify({ ...lock, packages: Object.fromEntries(sorted) }, null, 2)}\n`);
