import { newId } from "../../src/platform/ids.ts";
import type { Answer, Browser } from "../harness/web.ts";

const nobody = { include: { isAll: false, of: [] }, exclude: { isAll: false, of: [] } };

/** A body that each route takes, where it takes one; the route itself may still refuse what it says. */
const bodies: Readonly<Record<string, unknown>> = {
  "patch /users/{id}": {},
  "put /me/notices": { choices: {} },
  "put /users/{id}/notices": { choices: {} },
  "patch /webhooks/{id}": {},
  "post /folders": { name: "A folder" },
  "patch /folders/{id}": {},
  "patch /target-groups/{id}": {},
  "post /target-groups/compounds": { name: "Both", ...nobody },
  "post /target-groups/compose": nobody,
  "put /target-groups/{id}/composition": { name: "Both", ...nobody },
  "post /uploads/{id}/import": {
    target: { name: "List" },
    encoding: "utf-8",
    delimiter: ",",
    hasHeader: true,
    columns: { email: 0 },
  },
  "post /target-groups/move": { ids: [newId()], folderId: null },
  "post /target-groups/delete": { ids: [newId()] },
  "post /target-groups/undelete": { ids: [newId()] },
  "post /sending-domains": { name: "not a domain" },
  "post /mailings/{id}/publish": { version: 1 },
  "post /mailings": { name: "News" },
  "patch /mailings/{id}": {},
  "post /mailings/{id}/copy": {},
  "post /mailings/{id}/versions/{version}/restore": {},
  "post /mailings/{id}/preview": {},
  "post /mailings/{id}/compile": { bodyKind: "html", body: "<p>Hello</p>" },
  "post /mailings/{id}/test-sends": { to: ["somebody@example.org"] },
  "put /account": {},
  "post /subscribers/{id}/unsubscribe": {},
  "post /subscribers/{id}/resubscribe": { reason: "asked by phone" },
  "post /writebacks/retry": { all: true },
  "post /subscribers/{id}/erase": { confirm: "nobody@example.org" },
  "post /lifted-erasures": { email: "nobody@example.org", reason: "asked by phone" },
  "put /bridge/mapping": { mapping: null },
  "put /target-groups/{id}/guard": { percent: null, minimum: null, absolute: null },
  "patch /personalization-fields/{name}": {},
};
const queries: Readonly<Record<string, string>> = {
  "get /subscribers": "?search=x",
  "get /target-groups/{id}/why": "?search=x",
  "get /instances/{id}/exclusions": "?reason=unsubscribed",
  "get /syncs/{id}/changes": "?kind=added",
  "get /syncs/{id}/difference": "?kind=added",
  "get /syncs/{id}/difference.csv": "?kind=added",
};

/** An id that nobody has: who may not call is told so before anything is looked for. */
export function call(
  browser: Browser,
  operation: string,
  id: string,
  headers: Record<string, string> = {},
): Promise<Answer> {
  const [method = "", path = ""] = operation.split(" ");
  const url = `/api/v1${path.replace(/\{\w+\}/g, id)}${queries[operation] ?? ""}`;
  const body = method === "get" ? undefined : bodies[operation];
  return browser.send(method.toUpperCase(), url, body, headers);
}
