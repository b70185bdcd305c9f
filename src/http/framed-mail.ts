import type { FastifyReply } from "fastify";

const policy =
  "sandbox; default-src 'none'; img-src https: http: data:; style-src 'unsafe-inline'; font-src https: data:; form-action 'none'; base-uri 'none'; frame-ancestors 'self'";

/**
 * Answers with a mail for a frame of our own pages. It is served, not put into the page: its own policy keeps what is in
 * it from doing anything, and its links would open a window of their own, which the frame may not.
 * @param style rules of ours, behind the mail's own head
 */
export function sendFramed(reply: FastifyReply, mail: string, style: string): FastifyReply {
  const [head = ""] = /<head[^>]*>/i.exec(mail) ?? [];
  const html = mail.replace(
    head,
    () => `${head}<base target="_blank">${style === "" ? "" : `<style>${style}</style>`}`,
  );
  return reply
    .type("text/html; charset=utf-8")
    .header("content-security-policy", policy)
    .header("x-frame-options", "SAMEORIGIN")
    .send(html);
}
