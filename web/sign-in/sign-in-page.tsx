import { Anchor } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { getRouteApi, Link, useRouter } from "@tanstack/react-router";
import { sessionOver } from "../api/session-over.ts";
import { Outside } from "./outside.tsx";
import { SignInForm } from "./sign-in-form.tsx";

const route = getRouteApi("/sign-in");

/** The way in. */
export function SignInPage() {
  const { next } = route.useSearch();
  const memory = useQueryClient();
  const router = useRouter();
  const goOn = () => {
    memory.clear();
    sessionOver.end();
    router.history.push(next ?? "/");
  };
  return (
    <Outside title="Sign in">
      <SignInForm onDone={goOn} />
      <Anchor component={Link} to="/forgotten" fz="sm">
        Forgotten your password?
      </Anchor>
    </Outside>
  );
}
