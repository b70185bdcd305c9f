/** The arrows of docs/architecture.md: who may import what. */
const concepts = [
  "accounts",
  "bridges",
  "writebacks",
  "subscribers",
  "target-groups",
  "syncs",
  "uploads",
  "mailings",
  "people",
];

/** Inside mailings: who it comes from, written, published, delivered, answered, reported. */
const mailingParts = ["senders", "content", "publish", "delivery", "responses", "report", "personal-data"];

const laterParts = mailingParts.map((part, at) => ({
  name: `mailings-${part}-knows-only-earlier-parts`,
  severity: "error",
  from: { path: `^src/domain/mailings/${part}/` },
  to: { path: `^src/domain/mailings/(${mailingParts.slice(at + 1).join("|") || "none"})/` },
}));

const laterConcepts = concepts.map((concept, at) => ({
  name: `${concept}-knows-only-earlier-concepts`,
  severity: "error",
  from: { path: `^src/domain/${concept}/` },
  to: { path: `^src/domain/(${concepts.slice(at + 1).join("|") || "none"})/` },
}));

export default {
  forbidden: [
    {
      name: "no-cycles",
      severity: "error",
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ["type-only"] } },
    },
    { name: "no-orphans-of-the-lock-file", severity: "error", from: {}, to: { couldNotResolve: true } },
    {
      name: "platform-knows-no-domain",
      severity: "error",
      from: { path: "^src/platform/" },
      to: { path: "^src/(?!platform/)" },
    },
    {
      name: "connectors-know-no-domain",
      severity: "error",
      from: { path: "^src/connectors/" },
      to: { path: "^src/(domain|worker|http|inbound|cli|app)" },
    },
    {
      name: "connectors-know-no-database",
      severity: "error",
      from: { path: "^src/connectors/" },
      to: { path: "^src/platform/(database|jobs)" },
    },
    {
      name: "domain-knows-no-way-in",
      severity: "error",
      from: { path: "^src/domain/" },
      to: { path: "^src/(worker|http|inbound|cli|app)" },
    },
    {
      name: "domain-knows-no-concrete-connector",
      severity: "error",
      from: { path: "^src/domain/" },
      to: { path: "^src/connectors/netforum-pro/" },
    },
    {
      name: "rules-are-pure",
      severity: "error",
      from: { path: "\\.rules\\.ts$" },
      to: {
        path: "^src/",
        pathNot: ["\\.rules\\.ts$", "^src/platform/errors\\.ts$"],
        dependencyTypesNot: ["type-only"],
      },
    },
    {
      name: "one-importer-of-the-job-engine",
      severity: "error",
      from: { path: "^(src|test|bench)", pathNot: "^src/platform/jobs\\.ts$" },
      to: { path: "graphile-worker" },
    },
    {
      name: "only-app-names-a-connector",
      severity: "error",
      from: { path: "^src/", pathNot: "^src/(app\\.ts|connectors/netforum-pro/)" },
      to: { path: "^src/connectors/netforum-pro/" },
    },
    {
      name: "pages-know-only-the-api",
      severity: "error",
      from: { path: "^web/" },
      to: { path: "^(src|simulator|catcher|test|bench)/" },
    },
    {
      name: "nobody-knows-the-pages",
      severity: "error",
      from: { path: "^(src|simulator|catcher|bench)/" },
      to: { path: "^web/" },
    },
    {
      name: "simulator-stands-alone",
      severity: "error",
      from: { path: "^simulator/" },
      to: { path: "^(src|test|bench)/" },
    },
    {
      name: "catcher-stands-alone",
      severity: "error",
      from: { path: "^catcher/" },
      to: { path: "^(src|simulator|test|bench)/" },
    },
    {
      name: "product-knows-no-tests",
      severity: "error",
      from: { path: "^src/", pathNot: "\\.test\\.ts$" },
      to: { path: "^(test|bench|simulator|catcher)/" },
    },
    ...laterConcepts,
    ...laterParts,
  ],
  options: {
    parser: "tsc",
    doNotFollow: { path: "node_modules" },
    tsPreCompilationDeps: true,
    exclude: { path: "node_modules/(?!graphile-worker)" },
  },
};
