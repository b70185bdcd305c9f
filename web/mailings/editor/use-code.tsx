import type { ReactNode } from "react";
import { api } from "../../api/client.ts";
import { ProblemAlert } from "../../ui/states.tsx";
import type { Draft } from "./draft.ts";

/** The body as code: what its blocks, or its MJML, become. */
export function useCode(draft: Draft) {
  const compile = api.useMutation("post", "/api/v1/mailings/{id}/compile");
  const error: unknown = compile.error;
  const problem: ReactNode = error ? <ProblemAlert error={error} /> : null;
  return {
    isPending: compile.isPending,
    problem,
    /** @returns null when it can't be made; the problem says why */
    async make(kind: "mjml" | "html"): Promise<string | null> {
      const { content, saved } = draft.state();
      const { bodyKind, body } = content;
      const made = await compile
        .mutateAsync({ params: { path: { id: saved.id } }, body: { bodyKind, body } })
        .catch(() => null);
      return made && (kind === "mjml" ? made.mjml : made.html);
    },
  };
}
