import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type { App } from "../../app.ts";
import { type LinkToken, type Purpose, readToken, testLinkPath } from "../../domain/mailings/links.ts";
import type { Addressee } from "../../domain/mailings/responses/addressee-store.ts";
import { findAddressee, resubscribeByLink, unsubscribeByLink } from "../../domain/mailings/responses/answer-by-link.ts";
import type { RequestSigns } from "../../domain/mailings/responses/machine-signs.rules.ts";
import { ActivityRecorder } from "../../domain/mailings/responses/record-activity.ts";
import { TooManyRequestsError } from "../../platform/errors.ts";
import type { RateLimits } from "../rate-limits.ts";
import { pagePolicy } from "./page.ts";
import { askPage, donePage, invalidPage, preferencesPage, testPage, tooManyPage, undonePage } from "./wish-pages.ts";

/** One pixel that nobody sees. */
const pixel = Buffer.from("R0lGODlhAQABAIAAAP///wAAACH5BAEAAAAALAAAAAABAAEAAAICRAEAOw==", "base64");

/**
 * What links in mails lead to, for people without a sign-in: no cookie is asked for or set, nothing is kept by browsers,
 * and the signed token alone says whose link it is. (product 4.5, reliability 1.3, 16–18)
 */
export async function mailLinkRoutes(
  server: FastifyInstance,
  { app, limits }: { readonly app: App; readonly limits: RateLimits },
): Promise<void> {
  const { ctx } = app;
  const recorder = new ActivityRecorder(ctx);
  server.addHook("onClose", () => recorder.close());
  acceptAnyForm(server);
  server.addHook("onRequest", async (_, reply) => {
    reply.header("cache-control", "no-store").header("content-security-policy", pagePolicy);
    reply.header("x-robots-tag", "noindex");
  });
  server.setErrorHandler((error, request, reply) => {
    if (!(error instanceof TooManyRequestsError)) throw error;
    request.log.warn({ address: request.ip }, "many links that aren't valid");
    return show(reply.code(429).header("retry-after", error.retryAfterSeconds), tooManyPage());
  });

  /** @returns what the token says, or null after a try that counts against whoever guesses */
  const read = async (request: FastifyRequest, text: string, purpose: Purpose): Promise<LinkToken | null> => {
    const token = readToken(ctx, text, purpose);
    if (token === null) await limits.guess(request.ip);
    return token;
  };
  /** Whom the request's token is about. */
  const find = async (request: FastifyRequest, purpose: Purpose): Promise<Addressee | undefined> => {
    const token = await read(request, (request.params as { token: string }).token, purpose);
    return token === null ? undefined : findAddressee(ctx, token);
  };
  const invalid = (reply: FastifyReply) => show(reply.code(404), invalidPage());
  const hide = { schema: { hide: true } };

  server.route({
    ...hide,
    method: ["GET", "POST"],
    url: testLinkPath,
    handler: async (_, reply) => show(reply, testPage()),
  });
  server.get("/u/:token", hide, async (request, reply) => {
    const whom = await find(request, "unsubscribe");
    return whom ? show(reply, askPage(whom)) : invalid(reply);
  });
  // A mail program's one click, and the page's own button. Whatever form it has, a POST here is a no. (RFC 8058)
  server.post("/u/:token", hide, async (request, reply) => {
    const whom = await find(request, "unsubscribe");
    if (!whom) return invalid(reply);
    const isUndo = actionOf(request) === "resubscribe";
    await (isUndo ? resubscribeByLink : unsubscribeByLink)(ctx, whom);
    return show(reply, (isUndo ? undonePage : donePage)(whom));
  });
  server.get("/p/:token", hide, async (request, reply) => {
    const whom = await find(request, "preferences");
    return whom ? show(reply, preferencesPage(whom)) : invalid(reply);
  });
  server.post("/p/:token", hide, async (request, reply) => {
    const whom = await find(request, "preferences");
    if (!whom) return invalid(reply);
    const action = actionOf(request);
    if (action === "unsubscribe") await unsubscribeByLink(ctx, whom);
    if (action === "resubscribe") await resubscribeByLink(ctx, whom);
    return show(reply, preferencesPage((await findAddressee(ctx, whom)) ?? whom));
  });
  server.get("/c/:token", hide, async (request, reply) => {
    const token = await read(request, (request.params as { token: string }).token, "click");
    const url = token && (await recorder.click(token, signsOf(request)));
    return url === null ? invalid(reply) : reply.redirect(url, 302);
  });
  server.get("/o/:file", hide, async (request, reply) => {
    const text = /^(.*)\.gif$/.exec((request.params as { file: string }).file)?.[1] ?? "";
    const token = await read(request, text, "open");
    if (token === null || !(await recorder.open(token, signsOf(request)))) return invalid(reply);
    // Mail programs in browsers show it inside their own pages.
    return reply.type("image/gif").header("cross-origin-resource-policy", "cross-origin").send(pixel);
  });
}

const show = (reply: FastifyReply, body: string) => reply.type("text/html; charset=utf-8").send(body);

/** Mail programs send a form of either kind, some none at all: nobody is turned away for it. */
function acceptAnyForm(server: FastifyInstance): void {
  server.removeAllContentTypeParsers();
  const bound = { parseAs: "string", bodyLimit: 16 * 1024 } as const;
  server.addContentTypeParser("application/x-www-form-urlencoded", bound, async (_: FastifyRequest, body: string) => {
    return new URLSearchParams(body);
  });
  server.addContentTypeParser("*", bound, async () => undefined);
}

const actionOf = ({ body }: FastifyRequest) => (body instanceof URLSearchParams ? body.get("action") : null);

function signsOf({ method, headers }: FastifyRequest): RequestSigns {
  const purpose = ["sec-purpose", "purpose", "x-purpose", "x-moz"].map((name) => headers[name] ?? "").join(" ");
  return { method, userAgent: headers["user-agent"] ?? "", isPrefetch: /prefetch|preview/i.test(purpose) };
}
